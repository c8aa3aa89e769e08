// docs/mutation.md, made of Stryker's results.

const detected = ["Killed", "Timeout"];
const undetected = ["Survived", "NoCoverage"];

/**
 * @param {{ folder: string, files: MeasuredFile[] }[]} packages
 *
 * @typedef {object} MeasuredFile
 * @property {string} file
 * @property {{ status: string }[] | undefined} mutants undefined if the file was never measured
 * @property {boolean} [isCurrent] whether the file is known to be as it was when it was measured; default true
 */
export function mutationReport(packages) {
  const lines = [
    "# Mutation tests",
    "",
    "<!-- `pnpm mutate` writes this file. It overwrites changes by hand. -->",
    "",
    "Stryker changes the sources in small ways: it inverts a condition, removes a call, moves a bound by one. Each change",
    "is a mutant. If a test fails, the mutant is killed. If all tests pass, it survives: no test needs that line. A mutant",
    "that makes a test wait forever counts as killed. The score is the share of killed mutants. Mutants of texts and of",
    "constants are left out. Only quick tests run: those that take less than a second, without other processes, browsers",
    "and server programs. In core a folder's mutants meet the tests of that folder; only `contract/`, `credentials/`,",
    "`options/`, `provider/` and the files of `src/` itself, which all folders use, meet all tests. So a survivor may still",
    "fail one of the others. Some survivors are equivalent: no test can distinguish them from the source, for instance `<=`",
    "in place of `<` between two times. A * marks an earlier figure: the file has changed since, or was measured on another",
    "machine.",
  ];
  for (const { folder, files } of packages) {
    lines.push("", `## ${folder}`, "", "| file | score | killed | survived |", "| --- | --- | --- | --- |");
    lines.push(
      ...files.map(({ file, mutants, isCurrent = true }) => row(isCurrent || !mutants ? file : `${file} *`, mutants)),
    );
    lines.push(
      row(
        "all",
        files.flatMap(({ mutants }) => mutants ?? []),
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The mutants of each file in an earlier report, by the file's path. */
export function readReport(report) {
  const mutants = new Map();
  let folder = "";
  for (const line of report.split("\n")) {
    folder = /^## (.+)/.exec(line)?.[1] ?? folder;
    const [, file, killed, survived] = /^\| (src\S+)(?: \*)? \| \S+(?: %)? \| (\d+) \| (\d+) \|$/.exec(line) ?? [];
    if (file === undefined) continue;
    const some = (status, count) => Array.from({ length: Number(count) }, () => ({ status }));
    mutants.set(`${folder}/${file}`, [...some("Killed", killed), ...some("Survived", survived)]);
  }
  return mutants;
}

function row(name, mutants) {
  if (mutants === undefined) return `| ${name} | not measured | | |`;
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count(detected);
  const survived = count(undetected);
  const score = killed + survived === 0 ? "–" : `${((100 * killed) / (killed + survived)).toFixed(1)} %`;
  return `| ${name} | ${score} | ${killed} | ${survived} |`;
}
