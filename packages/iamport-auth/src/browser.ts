// A bundler finds this file for a web page. It has no export, so the build fails with these words. For servers that
// bundlers take for browsers, package.json lists their conditions first.

// @ts-expect-error There is no such module.
export * from "@x/iamport-auth runs on servers only, since in a browser everybody could read the secret";
