import type { UserConfig } from 'vite';
import { pageBuild } from '../page-build.ts';

const config: UserConfig = pageBuild('dashboard');

export default config;
