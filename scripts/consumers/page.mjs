// Writes docs/consumers.md from the consumers' results.

/** @param {(import("./matrix.mjs").Row & { problem: string | undefined })[]} results */
export function consumersPage(results) {
  const groups = Map.groupBy(results, ({ group }) => group);
  return `# Who can use the packages

\`pnpm consumers\` writes this page. It packs the packages, installs the tarballs in an empty folder for each consumer, and
runs a program there against the emulator. The program asks each provider for a token, calls each API, keeps tokens in the
encrypted store, and looks at an error.

${[...groups].map(([group, rows]) => `## ${group}\n\n${table(rows)}`).join("\n\n")}
`;
}

function table(rows) {
  const cells = [["consumer", "result"], ...rows.map((row) => [nameOf(row), resultOf(row)])];
  const width = (column) => Math.max(...cells.map((row) => row[column].length));
  const line = (row, fill = " ") => `| ${row.map((cell, column) => cell.padEnd(width(column), fill)).join(" | ")} |`;
  const [head, ...body] = cells;
  return [line(head), line(["", ""], "-"), ...body.map((row) => line(row))].join("\n");
}

const nameOf = ({ name, how }) => (how === undefined ? name : `${name}: ${how}`);

function resultOf({ never, problem }) {
  if (never !== undefined) return `none: ${never}`;
  return problem === undefined ? "works" : "fails";
}
