/** The colors of a timeline, from the page's style sheet: they follow dark and light. */
export interface Palette {
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly answered: string;
  readonly failed: string;
  readonly fresh: string;
  readonly renewing: string;
  readonly unusable: string;
  readonly asking: string;
}

export function palette(): Palette {
  const style = getComputedStyle(document.body);
  const probe = document.createElement("i");
  document.body.append(probe);
  // A custom property keeps `light-dark(…)`; a color that uses it is resolved.
  const color = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: style.color,
    soft: color("--soft"),
    line: color("--line"),
    answered: color("--answered"),
    failed: color("--bad-fill"),
    fresh: color("--good-fill"),
    renewing: color("--busy-fill"),
    unusable: color("--bad-fill"),
    asking: color("--asking"),
  };
  probe.remove();
  return colors;
}
