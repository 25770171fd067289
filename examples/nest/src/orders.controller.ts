import { Readable } from "node:stream";
import { Body, Controller, Get, HttpCode, Param, Post, StreamableFile, UseFilters } from "@nestjs/common";
import { getRun, resumeHook, start } from "workflow/api";
import { NotFoundFilter } from "./not-found.filter.js";
import { processOrder } from "./workflows/order.js";

@Controller("api/orders")
@UseFilters(NotFoundFilter)
export class OrdersController {
  @Post()
  @HttpCode(202)
  async place(@Body() { item, amount }: { item: string; amount: number }): Promise<object> {
    const { runId } = await start(processOrder, [item, amount]);
    return { runId };
  }

  @Get(":runId")
  async show(@Param("runId") runId: string): Promise<object> {
    const run = getRun(runId);
    const status = await run.status;
    return { status, ...(status === "completed" && { output: await run.returnValue }) };
  }

  @Post(":runId/approval")
  @HttpCode(200)
  async decide(@Param("runId") orderId: string, @Body() { approved }: { approved: boolean }): Promise<object> {
    const { runId } = await resumeHook(`order:${orderId}`, { approved });
    return { runId };
  }

  @Get(":runId/stream")
  async follow(@Param("runId") runId: string): Promise<StreamableFile> {
    const run = getRun(runId);
    await run.status;
    return new StreamableFile(Readable.from(toLines(run.getReadable()), { objectMode: false }), {
      type: "application/x-ndjson",
    });
  }
}

async function* toLines(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `${JSON.stringify(chunk)}\n`;
}
