import { createFileRoute } from "@tanstack/react-router";
import type { ReactNode } from "react";

export const Route = createFileRoute("/")({ component: Home });

function Home(): ReactNode {
  return (
    <main>
      <h1>Orders</h1>
      <p>
        <code>POST /api/orders</code> places one.
      </p>
    </main>
  );
}
