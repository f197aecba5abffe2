// Node 18 has WebCrypto, but not yet as a global. Imported first by what uses jose.
import { webcrypto } from "node:crypto";

if (!globalThis.crypto) Object.defineProperty(globalThis, "crypto", { value: webcrypto });
