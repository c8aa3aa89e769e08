import typescript from "typescript";

/**
 * Which packages a piece of JavaScript or of declarations imports, each once: "ky", "@scope/name". Node's own modules
 * are no packages.
 *
 * @param {string} source
 */
export function bareImports(source) {
  const { importedFiles } = typescript.preProcessFile(source, true, true);
  const names = importedFiles
    .map(({ fileName }) => fileName)
    .filter((specifier) => !/^(\.|\/|#|node:)/.test(specifier))
    .map((specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(names)];
}
