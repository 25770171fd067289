// Next.js runs this file when the server starts, and has to find it. withWorkflow (next.config) has created it and, in the
// build, adds to it what executes workflow runs. Keep it under version control; it is yours to extend.
export function register() {}
