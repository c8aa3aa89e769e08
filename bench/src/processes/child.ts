// The child's side of `callInChild`: calls an exported function of a module and sends its result.

process.on("disconnect", () => process.exit()); // The parent is gone.

const [module = "", name = "", input = ""] = process.argv.slice(2);
const { [name]: work } = await import(module);
const result = await work(JSON.parse(input));
process.send?.({ result });
