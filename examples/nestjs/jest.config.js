/** @type {import("jest").Config} */
module.exports = {
  rootDir: "src",
  testEnvironment: "node",
  // Jest cannot require ES modules. So ts-jest compiles the few packages that are ES modules, too.
  transform: {
    "\\.ts$": "ts-jest",
    "\\.js$": ["ts-jest", { tsconfig: { allowJs: true, module: "CommonJS", target: "ES2022" }, diagnostics: false }],
  },
  transformIgnorePatterns: ["/node_modules/(?!(@x|ky|bcryptjs)/)"],
};
