// Reads {name: MJML} and writes {errors: {name: [message]}, version, elements}, by the validator of the
// package `mjml` in the folder that is the only argument.
const [folder] = process.argv.slice(2);
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const mjml = load("mjml");
const { components, dependencies } = load("mjml-preset-core");

const attributes = { mjml: ["dir", "lang", "owa"] };
for (const component of components) {
  const name = component.getTagName ? component.getTagName() : component.componentName;
  attributes[name] = Object.keys(component.allowedAttributes || {}).sort();
}
const elements = {};
for (const name of Object.keys(attributes)) {
  const children = (dependencies[name] || []).map((child) => (child instanceof RegExp ? "*" : child)).sort();
  elements[name] = { attributes: attributes[name], children };
}

let input = "";
process.stdin.on("data", (data) => (input += data));
process.stdin.on("end", () => {
  const errors = {};
  for (const [name, source] of Object.entries(JSON.parse(input))) {
    errors[name] = mjml(source, { validationLevel: "soft" }).errors.map((each) => each.formattedMessage);
  }
  console.log(JSON.stringify({ errors, version: load("mjml/package.json").version, elements }));
});
