import { fileURLToPath } from 'node:url';

/** An action on the built kit whose input `scenario` says what it does. */
export const scenarios = fileURLToPath(new URL('fixtures/scenarios', import.meta.url));
