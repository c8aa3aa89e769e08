/** The only form that HTTP servers may send (RFC 9110, 5.6.7); `Date.parse` alone would take nearly anything. */
const IMF_FIXDATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads a date as HTTP headers hold it, to epoch ms; NaN if it is none. */
export function httpDateMs(text: string): number {
  return IMF_FIXDATE.test(text) ? Date.parse(text) : Number.NaN;
}
