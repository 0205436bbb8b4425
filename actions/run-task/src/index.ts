import { runAction } from '@ecs-actions/action-kit';
import { main } from './main.js';

await runAction({ main });
