const form = document.querySelector("form") as HTMLFormElement;
const progress = document.querySelector("pre") as HTMLPreElement;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { runId } = await post("/api/orders", { item: new FormData(form).get("item"), amount: 3 });
  await post(`/api/orders/${runId}/approval`, { approved: true });
  const { body } = await fetch(`/api/orders/${runId}/stream`);
  const lines = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let line = await lines?.read(); line?.done === false; line = await lines?.read()) progress.append(line.value);
});

async function post(path: string, body: object): Promise<{ runId: string }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as { runId: string };
}
