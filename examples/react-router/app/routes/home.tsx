import type { ReactNode } from "react";

export default function Home(): ReactNode {
  return (
    <main>
      <h1>Orders</h1>
      <p>
        <code>POST /api/orders</code> places one.
      </p>
    </main>
  );
}
