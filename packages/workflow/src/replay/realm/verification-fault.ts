import type { Verification } from "../../world/events.ts";

type Scheme = Verification["scheme"];
type Check = (value: unknown) => boolean;

/** What is wrong with a value, for each field that a scheme may have. */
interface Field {
  readonly required?: true;
  readonly check: Check;
  readonly expected: string;
}

/** The message never repeats a secret: what stands there may be the secret itself. */
const SECRET: Field = {
  required: true,
  check: (value) => isText(value) && /^[A-Za-z_]\w*$/.test(value),
  expected: "the name of an environment variable that has the secret, such as WEBHOOK_SECRET",
};
const TOLERANCE: Field = {
  check: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
  expected: "a number of seconds above 0",
};
const HEADER: Field = {
  check: (value) => isText(value) && /^[!#$%&'*+.^`|~\w-]+$/.test(value),
  expected: "the name of a header",
};

const TIMED: Readonly<Record<string, Field>> = { secret: SECRET, tolerance: TOLERANCE };

const FIELDS: { readonly [S in Scheme]: Readonly<Record<string, Field>> } = {
  "standard-webhooks": TIMED,
  stripe: TIMED,
  slack: TIMED,
  github: { secret: SECRET },
  hmac: {
    secret: SECRET,
    header: { ...HEADER, required: true },
    algorithm: oneOf("sha1", "sha256", "sha512"),
    encoding: oneOf("hex", "base64"),
    prefix: { check: isText, expected: "the text before the signature" },
    timestampHeader: HEADER,
    tolerance: TOLERANCE,
  },
};

/** Why requests cannot be verified as `verify` says; undefined when they can. */
export function verificationFault(verify: unknown): string | undefined {
  if (typeof verify !== "object" || verify === null) return "it must be an object with a `scheme` and a `secret`";
  const { scheme, ...given } = verify as Readonly<Record<string, unknown>>;
  if (!isScheme(scheme)) return `its \`scheme\` must be one of ${Object.keys(FIELDS).join(", ")}`;
  const fields = FIELDS[scheme];
  for (const [name, { required, check, expected }] of Object.entries(fields)) {
    const value = given[name];
    if (value === undefined ? required === true : !check(value)) return `its \`${name}\` must be ${expected}`;
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) return `the scheme ${scheme} has no \`${unknown}\``;
  const ageless = scheme === "hmac" && given["tolerance"] !== undefined && given["timestampHeader"] === undefined;
  return ageless ? "a `tolerance` needs a `timestampHeader`, which says how old a request is" : undefined;
}

function isScheme(scheme: unknown): scheme is Scheme {
  return typeof scheme === "string" && Object.hasOwn(FIELDS, scheme);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function oneOf(...choices: readonly string[]): Field {
  return { check: (value) => isText(value) && choices.includes(value), expected: `one of ${choices.join(", ")}` };
}
