import { runAction } from '@ecs-actions/action-kit';
import { main } from './main.js';
import { post } from './post.js';

await runAction({ main, post });
