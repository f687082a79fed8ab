// The page of one channel.
import { announce, button, copyable, el, icon, setText } from './dom.js';
import { clock, count, duration, millis, rate } from './format.js';
import { canDelete, canStart, canStop, confirmDelete, remove, start, stop } from './actions.js';
import { Chart } from './chart.js';
import { openForm } from './form.js';
import { Health } from './health.js';
import { Player } from './player.js';
import { animate, Ring } from './ring.js';
import { isPaused, labelOf, progressOf } from './states.js';
import { request, requestText } from './store.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */

const hour = 3600;
const ranges = /** @type {[number, string][]} */ ([[300, '5 min'], [900, '15 min'], [hour, '1 hour']]);

export class ChannelPage {
	#ring = new Ring();
	#name = el('h1', { tabindex: -1 });
	#state = el('span', { class: 'pill' });
	#since = el('span', { class: 'muted' });
	#toggle = button('play', 'Start', { class: 'primary' });
	#edit = button('edit', 'Edit');
	#clone = button('clone', 'Clone');
	/** @type {any} */ #info;
	#delete = button('trash', 'Delete', { class: 'danger-quiet' });
	#progress = el('div', { class: 'progress', hidden: true });
	#bar = /** @type {HTMLProgressElement} */ (el('progress', { max: 1, 'aria-label': 'Progress' }));
	#progressText = el('span');
	#alerts = el('ul', { class: 'alerts', 'aria-label': 'Alerts' });
	#notes = el('ul', { class: 'alerts source-notes', 'aria-label': 'Notes' });
	#player = new Player();
	#health = new Health();
	#lap = el('span', { class: 'lap-number' });
	#position = el('span', { class: 'lap-position' });
	#stats = /** @type {Record<string, HTMLElement>} */ ({});
	#outputs = el('div', { class: 'outputs' });
	#rateChart = new Chart({ title: 'Bit rate', kind: 'rate', minTop: 1e5, format: rate });
	#lateChart = new Chart({ title: 'Lateness', kind: 'late', minTop: 2, format: millis });
	#document = el('div', { class: 'json' });
	#deploy = el('div', { class: 'deploy' });
	#export = el('div', {});
	#log = el('ol', { class: 'log', tabindex: 0, 'aria-label': 'Log and events' });
	#logTimer = 0;
	#facts = el('dl', { class: 'facts' });
	/** @type {(number | null)[]} */ #rateValues = new Array(hour).fill(null);
	/** @type {(number | null)[]} */ #lateValues = new Array(hour).fill(null);
	#end = 0;
	#range = hour;
	#rangeChosen = false;
	#rangeButtons = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Time shown' });
	#loaded = '';
	#hls = '';
	/** What is said of who listens, by pipeline and destination. @type {Map<string, HTMLElement>} */
	#listeners = new Map();
	#stopDrawing = () => {};
	#requests = new AbortController();
	element = el('article', { class: 'channel' });

	/** @param {Store} store @param {string} id @param {() => void} leave @param {(id: string) => void} show */
	constructor(store, id, leave, show) {
		this.store = store;
		this.id = id;
		this.leave = leave;
		this.#toggle.addEventListener('click', () => this.toggle());
		this.#delete.addEventListener('click', () => this.remove());
		this.#edit.addEventListener('click', () => this.#info && openForm(store, () => {}, { what: 'edit', info: this.#info }));
		this.#clone.addEventListener('click', () => this.#info && openForm(store, show, { what: 'clone', info: this.#info }));
		this.#progress.append(this.#bar, this.#progressText);
		this.#build();
		this.#buildExport();
	}

	/** Shows the channel in one of the forms in which it can be made again elsewhere. */
	#buildExport() {
		const shown = el('div', { class: 'json', 'aria-live': 'polite' }), choice = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Form' });
		for (const [form, label] of [['yaml', 'YAML'], ['terraform', 'Terraform'], ['cdk', 'CDK'], ['cli', 'AWS CLI']]) {
			const b = button('', label, { 'aria-pressed': 'false' });
			b.addEventListener('click', async () => {
				for (const other of choice.children) other.setAttribute('aria-pressed', String(other === b));
				try {
					const text = await requestText(`/console/channels/${encodeURIComponent(this.id)}/export/${form}`, this.#requests.signal);
					shown.replaceChildren(copyableBlock(text, '', label));
				} catch (err) {
					shown.replaceChildren(el('p', { class: 'why' }, /** @type {Error} */ (err).message));
				}
			});
			choice.append(b);
		}
		this.#export.append(choice, shown);
	}

	get title() {
		return this.store.channels.get(this.id)?.name ?? 'Channel';
	}

	#build() {
		for (const [seconds, label] of ranges) {
			const b = button('', label, { value: seconds, 'aria-pressed': String(seconds === this.#range) });
			b.addEventListener('click', () => this.#setRange(seconds));
			this.#rangeButtons.append(b);
		}
		this.element.append(
			this.store.readOnly ? '' : el('a', { class: 'back', href: '#/' }, icon('back'), 'Channels'),
			el('header', { class: 'channel-head' },
				el('div', { class: 'channel-name' }, this.#name, el('p', {}, this.#state, this.#since)),
				!this.store.readOnly && el('div', { class: 'channel-act' }, this.#toggle, this.#edit, this.#clone, this.#delete)),
			this.#progress, this.#alerts, this.#notes,
			el('div', { class: 'stage' }, el('section', { class: 'card stage-player', 'aria-label': 'Preview' }, this.#player.element), this.#statusCard()),
			section('Destinations', null, this.#outputs),
			section('Health of what is sent (TR 101 290)', null, this.#health.element),
			section('Over time', this.#rangeButtons, this.#rateChart.element, this.#lateChart.element),
			this.store.readOnly ? '' : section('Log and events', null, this.#log),
			section('On AWS', null, this.#deploy),
			folded('MediaLive JSON', this.#document), folded('Export', this.#export));
	}

	/** The card beside the preview. */
	#statusCard() {
		const stat = (/** @type {string} */ key, /** @type {string} */ label) => {
			this.#stats[key] = el('dd', {}, '–');
			return el('div', { class: 'stat' }, el('dt', {}, label), this.#stats[key]);
		};
		return el('section', { class: 'card panel', 'aria-label': 'Status' },
			el('div', { class: 'lap' }, el('div', { class: 'lap-ring' }, this.#ring.element), el('div', { class: 'lap-text' }, el('span', { class: 'label' }, 'Lap'), this.#lap, this.#position)),
			el('dl', { class: 'stats' }, stat('rate', 'Bit rate'), stat('late', 'Late, last second'), stat('p999', 'Late, 99.9 %'),
				stat('datagrams', 'Datagrams sent'), stat('lost', 'Datagrams lost')),
			this.#facts);
	}

	mount() {
		this.update(new Set([this.id]), true);
		this.#stopDrawing = animate(() => this.#draw());
		this.#loadHistory();
		if (!this.store.readOnly) this.#showLog();
	}

	unmount() {
		this.#stopDrawing();
		this.#requests.abort();
		this.#player.destroy();
		this.#health.stop();
		clearTimeout(this.#logTimer);
	}

	/** Shows the last lines of the log, the newest first, and again in some seconds. */
	async #showLog() {
		clearTimeout(this.#logTimer);
		try {
			/** @type {{at: number, level: string, text: string}[]} */
			const lines = document.hidden ? [] : await request('GET', `/console/channels/${encodeURIComponent(this.id)}/log`, undefined, this.#requests.signal);
			const key = JSON.stringify(lines);
			if (!document.hidden && key !== this.#log.dataset.is) {
				this.#log.dataset.is = key;
				this.#log.replaceChildren(...lines.reverse().map((l) => el('li', { class: `log-${l.level.toLowerCase()}` },
					el('time', { datetime: new Date(l.at).toISOString() }, clock(l.at)), el('span', { class: 'log-level' }, l.level.toLowerCase()), el('span', {}, l.text))));
				if (lines.length === 0) this.#log.append(el('li', {}, 'Nothing has happened since the server began.'));
			}
		} catch {
			if (this.#requests.signal.aborted) return;
		}
		this.#logTimer = setTimeout(() => this.#showLog(), 3000);
	}

	/** @param {Set<string>} ids @param {boolean} all */
	update(ids, all) {
		if (!ids.has(this.id) && !all) return this.#sample(null, null);
		const c = this.store.channels.get(this.id);
		if (!c) return this.store.loaded && this.#onDeleted();
		if (all && this.#end) this.#loadHistory();
		const [label, tone] = labelOf(c);
		setText(this.#name, c.name);
		setText(this.#state, label);
		this.#state.className = `pill ${tone}`;
		this.#updateButtons(c);
		this.#updateProgress(c);
		this.#updateAlerts(c);
		this.#updateStats(c);
		this.#updateUnheard(c);
		this.#updatePreview(c);
		this.#health.watch(c.state === 'RUNNING' && c.pipelines[0]?.bit_rate > 0 && c.pipelines[0].to.length > 0 ? this.id : '');
		const key = JSON.stringify([c.name, c.source, c.state, c.pipelines.map((p) => [p.to, p.epoch])]);
		if (key !== this.#loaded) {
			this.#loaded = key;
			this.#loadInfo(c);
		}
	}

	#onDeleted() {
		announce('The channel was deleted');
		this.leave();
	}

	/** @param {Channel} c */
	#updateButtons(c) {
		const starts = !canStop(c);
		this.#toggle.disabled = starts && !canStart(c);
		this.#delete.disabled = !canDelete(c);
		if (this.#toggle.dataset.is === String(starts)) return;
		this.#toggle.dataset.is = String(starts);
		this.#toggle.className = starts ? 'primary' : '';
		this.#toggle.replaceChildren(icon(starts ? 'play' : 'stop'), el('span', {}, starts ? 'Start' : 'Stop'));
	}

	/** @param {Channel} c */
	#updateProgress(c) {
		const text = progressOf(c);
		this.#progress.hidden = !text;
		if (!text) return;
		this.#bar.value = c.pipelines.find((p) => p.work)?.work?.share ?? 0;
		setText(this.#progressText, text);
	}

	/** Says at which destinations nobody listens: a fact, not a fault. @param {Channel} c */
	#updateUnheard(c) {
		c.pipelines.forEach((p, i) => p.to.forEach((to, k) => {
			const at = this.#listeners.get(`${i} ${k}`);
			if (at) setText(at, c.state === 'RUNNING' && p.unheard?.includes(to) ? 'Nobody listens there now' : '');
		}));
	}

	/** @param {Channel} c */
	#updateAlerts(c) {
		const texts = c.alerts.map((a) => a.message);
		for (const p of c.pipelines) if (p.last_error && !texts.some((t) => t.includes(/** @type {string} */ (p.last_error)))) texts.push(p.last_error);
		this.#updateTexts(this.#alerts, 'alert', texts);
		this.#updateTexts(this.#notes, 'note', c.notes);
	}

	/** @param {HTMLElement} list @param {string} kind @param {string[]} texts */
	#updateTexts(list, kind, texts) {
		const key = texts.join('\n');
		list.hidden = texts.length === 0;
		if (list.dataset.is === key) return;
		list.dataset.is = key;
		list.replaceChildren(...texts.map((t) => el('li', {}, icon(kind), el('span', {}, t))));
	}

	/** @param {Channel} c */
	#updateStats(c) {
		const on = c.state === 'RUNNING' && c.pipelines.some((p) => p.bit_rate > 0), live = this.store.live(this.id);
		const all = c.pipelines.map((_, i) => this.store.live(this.id, i));
		const sum = (/** @type {'datagrams' | 'skipped' | 'dropped' | 'unread'} */ key) => all.reduce((s, x) => s + x[key], 0);
		const lost = sum('skipped') + sum('dropped') + sum('unread');
		const late = Math.max(0, ...all.map((x) => x.late)), p999 = Math.max(0, ...all.map((x) => x.p999));
		setText(this.#stats.rate, on ? rate(live.rate || c.pipelines[0]?.bit_rate) : '–');
		setText(this.#stats.late, on ? millis(late) : '–');
		setText(this.#stats.p999, on ? millis(p999) : '–');
		setText(this.#stats.datagrams, on ? count(sum('datagrams')) : '–');
		setText(this.#stats.lost, on ? count(lost) : '–');
		this.#stats.lost.classList.toggle('warn', on && lost > 0);
		this.#stats.lost.title = lost > 0 ? `${count(sum('skipped'))} overdue, ${count(sum('dropped'))} not accepted by the system, ${count(sum('unread'))} with null packets, since the source was read too late` : '';
		this.#sample(on && live.rate ? live.rate : null, on ? late : null);
	}

	/** Adds values to the charts, once a second. @param {number | null} bits @param {number | null} late */
	#sample(bits, late) {
		const second = Math.floor(this.store.now() / 1000);
		if (!this.#end || second < this.#end) return;
		const missed = second - this.#end > 1; // One second may be missed: ticks are not exact.
		for (; this.#end < second; this.#end++) {
			this.#rateValues.push(missed ? null : bits);
			this.#lateValues.push(missed ? null : late);
		}
		this.#rateValues.push(bits);
		this.#lateValues.push(late);
		this.#end++;
		this.#rateValues.splice(0, this.#rateValues.length - hour);
		this.#lateValues.splice(0, this.#lateValues.length - hour);
		this.#drawCharts();
	}

	async #loadHistory() {
		try {
			const history = await request('GET', `/console/channels/${encodeURIComponent(this.id)}/history`, undefined, this.#requests.signal);
			this.#rateValues = history.rate;
			this.#lateValues = history.late;
			this.#end = history.end;
			this.#fitRange();
			this.#drawCharts();
		} catch { /* The charts start empty. */
			this.#end ||= Math.floor(this.store.now() / 1000);
		}
	}

	/** @param {number} seconds */
	#setRange(seconds) {
		this.#range = seconds;
		for (const b of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#rangeButtons.querySelectorAll('button'))) b.setAttribute('aria-pressed', String(b.value === String(seconds)));
		this.#drawCharts();
	}

	/** Chooses the shortest range that shows the whole history, when the page is opened. */
	#fitRange() {
		if (this.#rangeChosen) return;
		this.#rangeChosen = true;
		const first = this.#lateValues.findIndex((v) => v !== null), known = first < 0 ? 0 : this.#lateValues.length - first;
		this.#setRange((ranges.find(([seconds]) => known <= seconds) ?? ranges[ranges.length - 1])[0]);
	}

	#drawCharts() {
		const step = Math.max(1, this.#range / 300);
		// Steps begin at multiples of their length, so that past values do not change.
		const cut = step === 1 ? 0 : this.#end % step;
		const combine = (/** @type {(number | null)[]} */ v, /** @type {(all: number[]) => number} */ of) => {
			const from = v.length - cut - this.#range + (cut ? step : 0), out = [];
			for (let i = from; i < v.length; i += step) {
				const some = /** @type {number[]} */ (v.slice(Math.max(0, i), Math.max(0, i + step)).filter((x) => x !== null));
				out.push(some.length ? of(some) : null);
			}
			return out;
		};
		const end = this.#end - cut + (cut ? step : 0);
		this.#rateChart.draw(combine(this.#rateValues, (all) => all.reduce((s, x) => s + x, 0) / all.length), end, step);
		this.#lateChart.draw(combine(this.#lateValues, (all) => Math.max(...all)), end, step);
	}

	/** Plays the preview while the channel is on air. @param {Channel} c */
	#updatePreview(c) {
		const plays = c.state === 'RUNNING' && c.pipelines[0]?.bit_rate > 0;
		if (plays && this.#hls) return this.#player.play(`${this.#hls}?since=${c.pipelines[0]?.epoch ?? 0}`);
		if (plays) return undefined;
		const text = c.state === 'IDLE' ? 'Off air' : labelOf(c)[0];
		let more;
		if (c.state === 'IDLE' && !this.store.readOnly) {
			more = button('play', 'Start', { class: 'primary' });
			more.addEventListener('click', () => this.toggle());
		}
		return this.#player.stop(text, more);
	}

	/** Loads what changes seldom. @param {Channel} c */
	async #loadInfo(c) {
		try {
			const d = await request('GET', `/console/channels/${encodeURIComponent(this.id)}`, undefined, this.#requests.signal);
			this.#info = d;
			this.#hls = d.hls;
			this.#updatePreview(this.store.channels.get(this.id) ?? c);
			this.#showOutputs(d);
			this.#showDeploy(d.deploy);
			this.#showFacts(c, d);
			this.#updateUnheard(this.store.channels.get(this.id) ?? c);
		} catch (err) {
			if (this.#requests.signal.aborted) return;
			this.#outputs.replaceChildren(el('p', { class: 'notice' }, /** @type {Error} */ (err).message));
		}
		this.#showDocument();
	}

	/** @param {any} d */
	#showOutputs(d) {
		const parts = d.outputs.map((/** @type {any[]} */ all, /** @type {number} */ i) => [
			d.outputs.length > 1 && el('h3', {}, `Pipeline ${i}`),
			all.map((o, k) => output(o, this.#listener(`${i} ${k}`))),
		]);
		const hls = new URL(d.hls, location.href).href;
		this.#outputs.replaceChildren(...parts.flat(3).filter(Boolean), el('div', { class: 'output' },
			el('div', { class: 'output-head' }, el('strong', {}, 'HLS'), el('span', { class: 'muted' }, 'for browsers and players while the channel is on air')),
			copyable(hls, 'the URL of the HLS playlist'), copyable(`ffplay ${hls}`, 'the ffplay command for HLS', 'ffplay')));
	}

	/** @param {string} key */
	#listener(key) {
		const text = el('span', { class: 'muted' });
		this.#listeners.set(key, text);
		return text;
	}

	/** @param {{command: string, notes: string[]}} d */
	#showDeploy(d) {
		this.#deploy.replaceChildren(el('p', { class: 'muted' }, 'The same channel on AWS Elemental MediaLive:'), copyable(d.command, 'the deploy command'),
			...(d.notes.length ? [el('ul', { class: 'notes' }, d.notes.map((n) => el('li', {}, n)))] : []));
	}

	/** @param {Channel} c @param {any} d */
	#showFacts(c, d) {
		const facts = [['Source', d.clip ? 'the bundled clip' : c.source], ['Encoding', d.encode || 'none'], ['Mux rate', d.muxrate]];
		const epoch = c.pipelines[0]?.epoch;
		if (epoch && c.state === 'RUNNING') facts.push(['Epoch', new Date(epoch).toISOString().replace('.000Z', 'Z')]);
		facts.push(['ID', c.id]);
		this.#facts.replaceChildren(...facts.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)]));
	}

	async #showDocument() {
		try {
			const text = JSON.stringify(await request('GET', `/console/channels/${encodeURIComponent(this.id)}/document`, undefined, this.#requests.signal), null, 2);
			this.#document.replaceChildren(copyableBlock(text, this.store.readOnly ? 'Input of CreateChannel' : 'Output of DescribeChannel'));
		} catch (err) {
			if (!this.#requests.signal.aborted) this.#document.replaceChildren(el('p', { class: 'muted' }, /** @type {Error} */ (err).message));
		}
	}

	#draw() {
		const c = this.store.channels.get(this.id);
		if (!c) return;
		const on = c.state === 'RUNNING', at = this.store.lap(c);
		this.#ring.draw(at, on);
		setText(this.#lap, on ? count(at.lap) : '–');
		setText(this.#position, on && at.length ? `${at.position.toFixed(1)} of ${at.length.toFixed(at.length % 1 ? 2 : 1)} s` : 'not playing');
		setText(this.#since, c.since ? (isPaused(c) ? '' : `for ${duration(this.store.now() - c.since)}`) : '');
		this.#since.title = c.since ? `since ${clock(c.since)}` : '';
	}

	async toggle() {
		const c = this.store.channels.get(this.id);
		if (!c || this.store.readOnly || this.#toggle.disabled) return;
		this.#toggle.disabled = true;
		await (canStart(c) ? start : stop)(c);
		this.#updateButtons(this.store.channels.get(this.id) ?? c);
	}

	async remove() {
		const c = this.store.channels.get(this.id);
		if (!c || this.store.readOnly || !(await confirmDelete(c))) return;
		clearTimeout(this.#logTimer); // A channel that is gone has no log.
		if (await remove(c)) this.leave();
		else this.#showLog();
	}

	toggleMute() {
		this.#player.toggleMute();
	}

	toggleFullscreen() {
		this.#player.toggleFullscreen();
	}
}

/** @param {string} title @param {Element | null} tools @param {...Element} body */
function section(title, tools, ...body) {
	return el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', {}, title), tools), ...body);
}

/** A section that is closed at first. @param {string} title @param {...Element} body */
function folded(title, ...body) {
	return el('details', { class: 'card folded' }, el('summary', {}, el('h2', {}, title)), ...body);
}

/** @param {{url: string, watch: string[], sdp?: string}} o @param {HTMLElement} listener says whether somebody listens */
function output(o, listener) {
	const players = ['ffplay', 'VLC'];
	return el('div', { class: 'output' },
		el('div', { class: 'output-head' }, el('strong', {}, o.url), listener,
			o.sdp && el('a', { class: 'button quiet small', href: o.sdp, download: true }, icon('file'), el('span', {}, 'SDP file'))),
		o.watch.map((w, i) => copyable(w, `the ${players[i]} command for ${o.url}`, players[i])));
}

/** Long text in a box with a copy button. @param {string} text @param {string} what @param {string} [name] */
function copyableBlock(text, what, name = 'MediaLive JSON') {
	const head = copyable(text, `the ${name}`);
	const copy = /** @type {Element} */ (head.querySelector('button'));
	return el('div', {}, el('div', { class: 'json-head' }, el('span', { class: 'muted' }, what), copy),
		el('pre', { tabindex: 0, role: 'region', 'aria-label': name }, text));
}
