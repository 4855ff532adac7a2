import { render } from 'preact';
import { followEvents } from './api/event-stream.ts';
import { App } from './app.tsx';
import { startRouter } from './router.ts';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/topology.css';
import './style/ladder.css';
import './style/chart.css';
import { startTheme } from './theme.ts';

startTheme();
startRouter();
void followEvents();
render(<App />, document.getElementById('app') as HTMLElement);
