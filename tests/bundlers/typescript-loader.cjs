// For webpack: strips types, and passes on the source map of who compiled the file before.
const { transformSync } = require("esbuild");

module.exports = function load(source, map) {
  const before =
    map === null || map === undefined
      ? ""
      : `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
  const options = { loader: "ts", sourcemap: true, sourcefile: this.resourcePath };
  const stripped = transformSync(source + before, options);
  this.callback(null, stripped.code, JSON.parse(stripped.map));
};
