import { Order } from "./order";

export default function Page() {
  return (
    <main>
      <h1>Orders</h1>
      <Order />
    </main>
  );
}
