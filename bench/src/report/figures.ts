import type { Summary } from "./statistics.ts";

/** Three significant digits: `1,234`, `12.3`, `1.23`. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The median and, in brackets, the range. */
export function spread({ median, min, max }: Summary): string {
  return `${figure(median)} (${figure(min)}–${figure(max)})`;
}

/** The median of a ratio and, below 10, its range. */
export function times({ median, min, max }: Summary): string {
  return median >= 10 ? `${figure(median)} ×` : `${median.toFixed(2)} × (${min.toFixed(2)}–${max.toFixed(2)})`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KB`;
}

/** Stands in place of a failed contender's figures. */
export function failure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `not measured: ${message.split("\n").slice(0, 2).join(" ").slice(0, 120)}`;
}
