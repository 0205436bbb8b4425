import { configureGlobal } from 'fast-check';

// The same documents at every run, so that a change is judged and not chance. ECS_ACTIONS_SEED explores others.
configureGlobal({ seed: Number(process.env['ECS_ACTIONS_SEED'] ?? 7) });
