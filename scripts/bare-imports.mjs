import typescript from "typescript";

/**
 * The packages that JavaScript or declarations import, each once: "ky", "@scope/name". Node's own modules do not count.
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
