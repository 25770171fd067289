export { deployInDevelopment, type SourceCode } from "./build/development.ts";
