import { workflow } from "workflow/rspack";

export default (options) => ({ ...options, plugins: [...options.plugins, workflow()] });
