import type { Chapter } from "../statement.ts";

const LOCAL = "readers and writers reach the World without a network in between";

export const STREAMS: Chapter = {
  file: "09",
  title: "streams",
  statements: [
    { id: "09-9.1.chunks", statement: "A stream is a list of chunks counted from 0; one write is one chunk." },
    { id: "09-9.1.history", statement: "The data of a stream is not in the history." },
    { id: "09-9.1.readers", statement: "Any number of readers, during and after the run, see the same." },
    { id: "09-9.1.namespaces", statement: "A run has a default stream and any number of named ones." },

    { id: "09-9.2.start", statement: "startIndex 0, or none, begins with the first chunk." },
    { id: "09-9.2.skip", statement: "A startIndex above 0 skips that many chunks." },
    { id: "09-9.2.tail", statement: "A negative startIndex counts from the end; later chunks follow." },
    { id: "09-9.2.beyond", statement: "A startIndex beyond the end waits for that chunk." },
    { id: "09-9.2.live", statement: "A reader gets what is there, then what comes, until the stream is closed." },
    { id: "09-9.2.run-end", statement: "The end of the run ends readers, also of streams that nobody wrote." },
    { id: "09-9.2.values", statement: "Chunks are values, bytes are Uint8Array; bytes can be the body of a Response." },
    { id: "09-9.2.tail-index", statement: "getTailIndex() is the last index, -1 for none." },
    { id: "09-9.2.reconnect", statement: "A reader connects again after an error of transport.", reason: LOCAL },
    { id: "09-9.2.lazy", statement: "Nothing is read before the first read." },
    { id: "09-9.2.expired", statement: "A stream past its retention is a StreamExpiredError." },
    { id: "09-9.2.cancel", statement: "Cancelling a reader does not touch the run." },

    { id: "09-9.3.order", statement: "Chunks of one writer keep their order; too many at once wait." },
    { id: "09-9.3.durable", statement: "A step ends once the chunks of its released writers are durable." },
    {
      id: "09-9.3.unreleased",
      statement: "A writer that is not released does not keep the step's result from being recorded.",
    },
    { id: "09-9.3.concurrent", statement: "Several steps may write to one stream at the same time." },
    { id: "09-9.3.close", statement: "close() closes the stream for all; later writes are errors." },
    { id: "09-9.3.retry", statement: "Chunks of an attempt that failed stay." },
    { id: "09-9.3.end", statement: "The end of a run, whatever it is, closes its streams." },
    {
      id: "09-9.3.flush",
      statement: "The first chunk goes out at once; what gathers meanwhile goes together, within bounds.",
    },

    {
      id: "09-9.4",
      statement: "In a body a stream is a handle: it can be passed and returned, and not read or written.",
    },

    { id: "09-9.5.start", statement: "A handle that is passed to start() writes to the first run's stream." },
    { id: "09-9.5.get-writable", statement: "getRun(id).getWritable() appends; an unknown run is an error." },
    { id: "09-9.5.ops", statement: "ops gathers the promises of what is written in the background." },

    { id: "09-9.6.result", statement: "A step may return a stream: it has succeeded then, and the stream goes on." },
    { id: "09-9.6.piping", statement: "A stream passed from step to step can be read while it is written." },
    { id: "09-9.6.argument", statement: "A stream that is an argument of start() is read by the caller's process." },

    {
      id: "09-9.7.pages",
      statement: "A World gives chunks in pages, the tail index, whether it is closed, and the list of streams.",
    },
    { id: "09-9.7.live", statement: "A live read does not end before the stream is closed." },

    {
      id: "09-9.8",
      statement: "A response over HTTP tells the run and the tail index in its headers, and is resumed by startIndex.",
    },

    { id: "09-A.1", statement: "Two steps write one chunk each: every reader sees both in order." },
    { id: "09-A.2", statement: "startIndex -1 begins with the last chunk; one beyond the beginning gives all." },
    { id: "09-A.3", statement: "A stream that no step closes stays open until the run ends." },
    { id: "09-A.4", statement: "A step that is retried appends to what its first attempt wrote." },
    { id: "09-A.5", statement: "Named streams do not show in the default one." },
  ],
};
