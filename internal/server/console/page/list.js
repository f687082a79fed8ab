// The list of all channels.
import { button, el, icon, setText } from './dom.js';
import { millis, plural, rate } from './format.js';
import { canStart, canStop, start, stop } from './actions.js';
import { animate, Ring } from './ring.js';
import { labelOf, progressOf } from './states.js';

/** @typedef {import('./store.js').Channel} Channel */
/** @typedef {import('./store.js').Store} Store */

/** One channel in the list. */
class Row {
	#ring = new Ring();
	#name = el('a', { class: 'row-name' });
	#source = el('span', { class: 'row-source' });
	#to = el('span', { class: 'row-to' });
	#state = el('span', { class: 'pill' });
	#lap = el('span', { class: 'row-lap' });
	#rate = el('span', { class: 'num' });
	#late = el('span', { class: 'num' });
	#alerts = el('span', { class: 'row-alerts' });
	#notes = el('span', { class: 'row-alerts row-notes' });
	#toggle = button('play', 'Start', { class: 'quiet' });
	/** @type {Channel} */ channel;
	visible = true;
	element = el('li', { class: 'row' });

	/** @param {Store} store @param {Channel} c */
	constructor(store, c) {
		this.store = store;
		this.channel = c;
		this.element.append(
			el('div', { class: 'row-ring' }, this.#ring.element),
			el('div', { class: 'row-what' }, this.#name, el('div', { class: 'row-sub' }, this.#source, this.#to)),
			el('div', { class: 'row-state' }, this.#state, this.#lap),
			value('Bit rate', this.#rate), value('Late', this.#late), el('div', { class: 'row-badges' }, this.#alerts, this.#notes),
			el('div', { class: 'row-act' }, !store.readOnly && this.#toggle));
		this.#toggle.addEventListener('click', () => this.toggle());
	}

	async toggle() {
		this.#toggle.disabled = true;
		await (canStart(this.channel) ? start : stop)(this.channel);
		this.update(this.channel);
	}

	/** @param {Channel} c */
	update(c) {
		this.channel = c;
		const [label, tone] = labelOf(c);
		this.element.dataset.tone = tone;
		setText(this.#name, c.name);
		this.#name.setAttribute('href', `#/channels/${encodeURIComponent(c.id)}`);
		setText(this.#source, c.source || 'the bundled clip');
		const to = c.pipelines.flatMap((p) => p.to);
		setText(this.#to, to.length > 1 ? `${to[0]} and ${to.length - 1} more` : to[0] ?? '');
		setText(this.#state, label);
		this.#state.className = `pill ${tone}`;
		this.updateLive();
		this.#updateBadge(this.#alerts, 'alert', c.alerts.map((a) => a.message));
		this.#updateBadge(this.#notes, 'note', c.notes);
		const starts = !canStop(c);
		this.#toggle.disabled = starts && !canStart(c);
		this.#toggle.setAttribute('aria-label', `${starts ? 'Start' : 'Stop'} ${c.name}`);
		if (this.#toggle.dataset.is !== String(starts)) {
			this.#toggle.dataset.is = String(starts);
			this.#toggle.replaceChildren(icon(starts ? 'play' : 'stop'), el('span', {}, starts ? 'Start' : 'Stop'));
		}
	}

	updateLive() {
		const on = this.channel.state === 'RUNNING', live = this.store.live(this.channel.id);
		setText(this.#rate, on ? rate(live.rate || this.channel.pipelines[0]?.bit_rate) : '–');
		setText(this.#late, on ? millis(live.late) : '–');
		this.#late.classList.toggle('warn', on && live.late >= 20);
	}

	/** @param {HTMLElement} badge @param {string} kind @param {string[]} texts */
	#updateBadge(badge, kind, texts) {
		badge.hidden = texts.length === 0;
		if (badge.hidden) return badge.replaceChildren();
		const text = plural(texts.length, kind);
		if (badge.textContent !== text) badge.replaceChildren(icon(kind), text);
		badge.title = texts.join('\n');
	}

	draw() {
		if (!this.visible) return;
		const on = this.channel.state === 'RUNNING', at = this.store.lap(this.channel);
		this.#ring.draw(at, on);
		setText(this.#lap, progressOf(this.channel) || (on ? `lap ${at.lap.toLocaleString('en-GB')}` : ''));
	}

	/** @param {string} words @param {string} filter */
	matches(words, filter) {
		const on = this.channel.state === 'RUNNING';
		if (filter === 'on' && !on) return false;
		if (filter === 'off' && on) return false;
		if (filter === 'alerts' && this.channel.alerts.length === 0) return false;
		const all = [this.channel.name, this.channel.id, this.channel.source, ...this.channel.pipelines.flatMap((p) => p.to)].join('\n').toLowerCase();
		return words.split(/\s+/).every((w) => all.includes(w));
	}

	focus() {
		this.#name.focus();
		this.element.scrollIntoView({ block: 'nearest' });
	}
}

/** @param {string} label @param {Element} node */
function value(label, node) {
	return el('div', { class: 'row-value' }, el('span', { class: 'label' }, label), node);
}

/** The list of all channels. */
export class List {
	/** @type {Map<string, Row>} */ #rows = new Map();
	#list = el('ul', { class: 'rows', 'aria-label': 'Channels' });
	#summary = el('p', { class: 'summary' });
	#search = /** @type {HTMLInputElement} */ (el('input', { type: 'search', placeholder: 'Name, source or address', 'aria-label': 'Find channels', autocomplete: 'off', spellcheck: 'false' }));
	#filter = 'all';
	#tabs = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Show' });
	#tools = el('div', { class: 'tools' });
	#noMatch = el('p', { class: 'notice' }, 'No channel matches.');
	#empty = el('div');
	#visibility = new IntersectionObserver((all) => this.#updateVisibility(all), { rootMargin: '200px' });
	#stopDrawing = () => {};
	title = 'Channels';
	element = el('section', { class: 'list' });

	/** @param {Store} store @param {{create: () => void, clip: () => Promise<void>}} actions */
	constructor(store, actions) {
		this.store = store;
		this.actions = actions;
		this.#search.addEventListener('input', () => this.#applyFilter());
		for (const [filter, label] of [['all', 'All'], ['on', 'On air'], ['off', 'Off air'], ['alerts', 'With alerts']]) {
			const b = button('', label, { 'aria-pressed': String(filter === 'all') });
			b.addEventListener('click', () => this.#setFilter(filter, b));
			this.#tabs.append(b);
		}
		this.#tools.append(el('label', { class: 'search' }, icon('search'), this.#search), this.#tabs);
		this.element.append(el('div', { class: 'list-head' }, el('h1', { tabindex: -1 }, 'Channels'), this.#summary), this.#tools, this.#list, this.#noMatch, this.#empty);
	}

	mount() {
		this.update(new Set(), true);
		this.#stopDrawing = animate(() => this.#rows.forEach((r) => r.draw()));
	}

	unmount() {
		this.#stopDrawing();
		this.#visibility.disconnect();
	}

	/** @param {Set<string>} ids @param {boolean} all */
	update(ids, all) {
		if (all) this.#updateAll();
		else for (const id of ids) this.#updateRow(id);
		this.#updateSummary();
		this.#applyFilter();
	}

	/** Updates all rows; those of channels that still exist are kept. */
	#updateAll() {
		for (const id of this.#rows.keys()) if (!this.store.channels.has(id)) this.#updateRow(id);
		for (const id of this.store.channels.keys()) this.#updateRow(id);
	}

	/** @param {string} id */
	#updateRow(id) {
		const c = this.store.channels.get(id);
		let row = this.#rows.get(id);
		if (!c) {
			if (row) this.#visibility.unobserve(row.element);
			row?.element.remove();
			this.#rows.delete(id);
			return;
		}
		if (!row) {
			row = new Row(this.store, c);
			this.#rows.set(id, row);
			this.#list.append(row.element);
			this.#visibility.observe(row.element);
			row.update(c);
		} else if (row.channel !== c) {
			row.update(c);
		} else if (row.visible) {
			row.updateLive();
		}
	}

	/** @param {IntersectionObserverEntry[]} all */
	#updateVisibility(all) {
		const rows = new Map([...this.#rows.values()].map((r) => [/** @type {Element} */ (r.element), r]));
		for (const e of all) {
			const row = rows.get(e.target);
			if (!row) continue;
			row.visible = e.isIntersecting;
			if (row.visible) row.updateLive();
		}
	}

	#updateSummary() {
		const all = [...this.store.channels.values()], on = all.filter((c) => c.state === 'RUNNING');
		const bits = on.reduce((sum, c) => sum + c.pipelines.reduce((s, p, i) => s + this.store.live(c.id, i).rate * Math.max(1, p.to.length), 0), 0);
		const alerts = all.reduce((sum, c) => sum + c.alerts.length, 0);
		setText(this.#summary, [`${on.length} on air`, `${all.length - on.length} off air`, bits > 0 && rate(bits), alerts > 0 && plural(alerts, 'alert')].filter(Boolean).join('  ·  '));
		const empty = this.store.loaded && all.length === 0;
		this.#summary.hidden = all.length === 0;
		this.#tools.hidden = all.length < 6;
		if (empty !== this.#empty.hasChildNodes()) this.#empty.replaceChildren(...(empty ? [this.#welcome()] : []));
	}

	#applyFilter() {
		const words = this.#tools.hidden ? '' : this.#search.value.trim().toLowerCase();
		let matches = 0;
		for (const row of this.#rows.values()) {
			const match = this.#tools.hidden || row.matches(words, this.#filter);
			row.element.hidden = !match;
			if (match) matches++;
		}
		this.#noMatch.hidden = matches > 0 || this.#rows.size === 0;
	}

	/** @param {string} filter @param {HTMLElement} pressed */
	#setFilter(filter, pressed) {
		this.#filter = filter;
		for (const b of this.#tabs.children) b.setAttribute('aria-pressed', String(b === pressed));
		this.#applyFilter();
	}

	/** What is shown if there is no channel. */
	#welcome() {
		const clip = button('play', 'Play the bundled clip', { class: 'primary big' });
		clip.addEventListener('click', async () => {
			clip.disabled = true;
			await this.actions.clip();
			clip.disabled = false;
		});
		const own = button('plus', 'Use my own file', { class: 'big', onclick: () => this.actions.create() });
		const ring = new Ring();
		ring.draw({ lap: 1, position: 4, length: 10 }, true);
		return el('div', { class: 'welcome' },
			el('div', { class: 'welcome-ring' }, ring.element),
			el('h2', {}, 'No channel yet'),
			el('p', {}, 'A channel plays an MP4 file forever, like a live encoder: nothing in its transport stream shows where the file ends.'),
			this.store.readOnly
				? el('p', { class: 'muted' }, 'The channel has ended.')
				: el('div', { class: 'welcome-act' }, clip, own),
			!this.store.readOnly && el('p', { class: 'muted' }, 'The clip is sent to ', el('code', {}, 'rtp://127.0.0.1:5000'), ' on this machine. Its page here plays it too.'));
	}

	/** Moves the focus by some rows. @param {number} by */
	moveFocus(by) {
		const rows = [...this.#rows.values()].filter((r) => !r.element.hidden);
		const at = rows.findIndex((r) => r.element.contains(document.activeElement));
		rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]?.focus();
	}

	focusSearch() {
		if (!this.#tools.hidden) this.#search.focus();
	}
}
