import { decideRequest } from "../answer-permission.ts";
import type { Run } from "../command.ts";
import type { permissionsDeny } from "../registry/permissions.ts";

export const run: Run<typeof permissionsDeny> = (cli, parsed) => decideRequest(cli, "deny", parsed);
