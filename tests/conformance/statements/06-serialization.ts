import type { Chapter } from "../statement.ts";

export const SERIALIZATION: Chapter = {
  file: "06",
  title: "serialization",
  statements: [
    {
      id: "06-6.1.boundaries",
      statement: "Arguments, results, payloads and thrown values cross between host and sandbox.",
    },
    { id: "06-6.1.closures", statement: "Captured variables and this cross with a step." },
    { id: "06-6.1.metadata", statement: "Metadata of hooks crosses to the host." },
    { id: "06-6.1.http", statement: "Requests and responses of webhooks cross both ways." },
    { id: "06-6.1.once", statement: "A value is serialized once; a replay revives what was stored." },

    {
      id: "06-6.2.copies",
      statement: "What a step changes in its arguments, this or captured variables is not seen outside.",
    },
    { id: "06-6.2.identity", statement: "Shared references and cycles within one value are kept." },
    { id: "06-6.2.across", statement: "There is no identity between values." },

    { id: "06-6.3.json", statement: "JSON values, with NaN, infinities, -0 and sparse arrays." },
    {
      id: "06-6.3.extended",
      statement: "undefined, bigint, Date, RegExp, Map, Set, URL, URLSearchParams, buffers and typed arrays.",
    },
    { id: "06-6.3.views", statement: "A view of a buffer copies its own bytes only." },
    { id: "06-6.3.web", statement: "Headers, Request, Response and DOMException." },
    { id: "06-6.3.streams", statement: "ReadableStream and WritableStream." },
    {
      id: "06-6.3.errors",
      statement: "Errors of the language and of the engine, with name, message, stack and causes.",
    },
    { id: "06-6.3.functions", statement: "References to steps and workflows." },
    { id: "06-6.3.run", statement: "Run." },
    { id: "06-6.3.abort", statement: "AbortController and AbortSignal." },
    { id: "06-6.3.classes", statement: "Instances with both symbols, and registered classes themselves." },
    { id: "06-6.3.subclasses", statement: "Own subclasses of Error keep their class and their own properties." },

    { id: "06-6.4.functions", statement: "A function that is no step and no workflow is refused." },
    { id: "06-6.4.others", statement: "Symbols, weak collections and promises are refused." },
    { id: "06-6.4.instances", statement: "An instance of a class without the symbols is refused, and not flattened." },
    { id: "06-6.4.bodies", statement: "Locked streams and bodies that were read are refused." },
    { id: "06-6.4.one-symbol", statement: "A class with one of the two symbols is refused." },
    { id: "06-6.4.unregistered", statement: "A class that is not registered where it is revived is named." },
    { id: "06-6.4.proxies", statement: "A proxy of a built-in is refused, and never turned into something else." },

    { id: "06-6.5.symbols", statement: "Both symbols are static; what SERIALIZE gives is what DESERIALIZE gets." },
    { id: "06-6.5.nested", statement: "What SERIALIZE gives may hold any value, also other instances." },
    { id: "06-6.5.registration", statement: "The compiler registers classes by a class id; nobody registers by hand." },
    { id: "06-6.5.realms", statement: "Each realm has its own copy of a class." },
    { id: "06-6.5.registry", statement: "The symbols are shared by all copies of the package." },
    { id: "06-6.5.methods", statement: "A method that is a step runs on the host with a copy of this." },
    {
      id: "06-6.5.run-alias",
      statement: "Run is also known as class//workflow//Run.",
      reason: "a Run is stored in a form of its own; data that another engine wrote is not read",
    },

    {
      id: "06-6.6.steps",
      statement: "A step reference keeps its captured variables and can be called where it arrives.",
    },
    { id: "06-6.6.bind", statement: "bind() on a step survives." },
    { id: "06-6.6.workflows", statement: "A workflow reference can be given to start()." },

    { id: "06-6.7.headers", statement: "Headers keep their entries in order." },
    { id: "06-6.7.request", statement: "A Request keeps method, url, headers and body." },
    { id: "06-6.7.response", statement: "A Response keeps status, text, headers and body." },
    { id: "06-6.7.body-once", statement: "A body can be read once." },
    {
      id: "06-6.7.body-steps",
      statement: "Reading a body in the sandbox is a step.",
      reason: "the bytes are in the history already, so reading them needs no step and no write",
    },
    {
      id: "06-6.7.signal",
      statement: "A request keeps its signal only if that is aborted or a run's.",
      reason: "a request is kept as what was sent, without how it would be fetched; a signal is passed beside it",
    },
    {
      id: "06-6.7.stream-reference",
      statement: "A stream is stored as a reference; its data goes around the history.",
    },
    { id: "06-6.7.stream-kinds", statement: "Byte streams stay byte streams; other chunks are serialized one by one." },
    {
      id: "06-6.7.start-argument",
      statement: "A stream that is an argument of start() is read by the caller's process.",
    },
    {
      id: "06-6.7.step-result",
      statement: "A stream that a step returns goes on after the step; its errors do not fail the step.",
    },
    { id: "06-6.7.forwarded", statement: "A writable that is forwarded writes to the stream of its first run." },

    {
      id: "06-6.8.api",
      statement: "The sandbox has AbortController and AbortSignal with abort, any, reason and listeners.",
    },
    { id: "06-6.8.timeout", statement: "AbortSignal.timeout() throws." },
    { id: "06-6.8.backing", statement: "An abort is durable." },
    { id: "06-6.8.workflow-abort", statement: "abort() in a body acts at once, and once." },
    { id: "06-6.8.replay", statement: "A replay sees the abort at the same point." },
    { id: "06-6.8.step-signal", statement: "A step has a real signal, that is aborted while the step runs." },
    {
      id: "06-6.8.step-abort",
      statement: "abort() in a step acts there at once and is recorded before the step's end.",
    },
    {
      id: "06-6.8.returned",
      statement: "A controller that a step returns, or a signal given to start(), propagates its abort.",
    },
    { id: "06-6.8.early", statement: "An abort before anything listens is not lost." },
    {
      id: "06-6.8.partial",
      statement: "When one of the two ways of an abort fails the other still works.",
      reason:
        "an abort is one durable write, which steps and workflow code both hear of; there is no second channel that could fail",
    },
    { id: "06-6.8.fatal", statement: "A step that throws AbortError is not retried, and FatalError.is is true." },
    { id: "06-6.8.cancel", statement: "Cancelling the run does not abort its signals." },
    { id: "06-6.8.late", statement: "An abort after the end is nothing." },

    {
      id: "06-6.9.prefix",
      statement: "A stored value begins with four characters that say its form; unknown forms are errors.",
    },
    { id: "06-6.9.compression", statement: "Long values are compressed when that saves enough." },
    { id: "06-6.9.encryption", statement: "Values can be encrypted." },

    { id: "06-6.10.start", statement: "Arguments of start() that cannot be stored: it rejects, nothing is created." },
    {
      id: "06-6.10.step-arguments",
      statement: "Arguments of a step that cannot be stored: the call rejects, without retries.",
    },
    {
      id: "06-6.10.step-result",
      statement: "A result of a step that cannot be stored: the step fails, without retries.",
    },
    { id: "06-6.10.name", statement: "Such an error has the name SerializationError in the body." },
    {
      id: "06-6.10.display",
      statement: "A step whose arguments could not be stored is shown with a placeholder as its input.",
      reason: "the call rejects before there is a step, so there is nothing to show",
    },
    { id: "06-6.10.return-value", statement: "A result of a run that cannot be stored fails it with USER_ERROR." },
    { id: "06-6.10.payload", statement: "A payload that cannot be stored: resumeHook rejects." },
    { id: "06-6.10.uncaught", statement: "One that the body does not catch fails the run at once with USER_ERROR." },
    { id: "06-6.10.message", statement: "The message has boundary, path and a hint." },
    { id: "06-6.10.decryption", statement: "Errors of decryption keep their class." },

    { id: "06-A.1", statement: "A step that changes its argument: the caller's object is as it was." },
    {
      id: "06-A.2",
      statement: "All supported types, cycles and shared references survive start, body, step and return.",
    },
    { id: "06-A.3", statement: "What cannot be stored: one failure that can be caught in the body; start() rejects." },
    {
      id: "06-A.4",
      statement: "A class with both symbols keeps its prototype, and its step methods get a copy of this.",
    },
    { id: "06-A.5", statement: "A stream given to start() can be passed to a step and read there." },
    {
      id: "06-A.6",
      statement: "A signal aborted in the body reaches the step that waits on it, which is not retried.",
    },
  ],
};
