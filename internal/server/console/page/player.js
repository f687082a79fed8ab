// The preview: the channel as its receivers see it, a few seconds later.
import { button, el, icon, say } from './dom.js';

/** How often a player that failed is set up again by itself. */
const tries = 3;

/** The preview of a channel that is on air. */
export class Player {
	#video = /** @type {HTMLVideoElement} */ (el('video', { playsinline: true, tabindex: -1, 'aria-label': 'Live preview' }));
	#play = button('pause', 'Pause', { class: 'glass icon-only', 'aria-label': 'Pause the preview', title: 'Pause' });
	#sound = button('muted', 'Unmute', { class: 'glass', 'aria-label': 'Unmute the preview', title: 'Unmute (M)' });
	#full = button('full', 'Full screen', { class: 'glass icon-only', 'aria-label': 'Full screen', title: 'Full screen (F)' });
	#live = el('span', { class: 'live' }, el('span', { class: 'live-dot' }), el('span', {}, 'Live'));
	#note = el('div', { class: 'player-note' });
	#behind = el('span', { class: 'behind' });
	/** @type {any} */ #hls;
	#failed = 0;
	#url = '';
	#ended = false;
	#timer = 0;
	element = el('div', { class: 'player' }, this.#video, this.#note,
		el('div', { class: 'player-top' }, this.#live, this.#behind),
		el('div', { class: 'player-bar' }, this.#play, this.#sound, this.#full));

	constructor() {
		this.#video.muted = true;
		this.#play.addEventListener('click', () => this.toggle());
		this.#sound.addEventListener('click', () => this.mute());
		this.#full.addEventListener('click', () => this.full());
		this.#video.addEventListener('playing', () => this.#shown());
		this.#video.addEventListener('pause', () => this.#shown());
		this.#video.addEventListener('waiting', () => this.element.classList.add('waiting'));
		this.#video.addEventListener('timeupdate', () => this.element.classList.remove('waiting'));
		this.#video.addEventListener('volumechange', () => this.#heard());
		this.#timer = setInterval(() => this.#tell(), 1000);
	}

	/** Plays a playlist. @param {string} url */
	async play(url) {
		if (this.#url === url) return;
		this.stop('');
		this.#url = url;
		this.#say('spinner', 'Tuning in…');
		if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
			const b = button('play', 'Show the preview', { class: 'primary' });
			b.addEventListener('click', () => this.#begin());
			this.#note.replaceChildren(b);
			return;
		}
		await this.#begin();
	}

	async #begin() {
		const url = this.#url;
		const { default: Hls } = /** @type {any} */ (await import('./vendor/hls.light.min.mjs'));
		if (this.#ended || url !== this.#url || !url) return;
		if (!Hls.isSupported()) return this.#native(url);
		// The demultiplexer of one preview needs no thread of its own.
		const hls = new Hls({ enableWorker: false, startFragPrefetch: true, backBufferLength: 20, maxBufferLength: 15, liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 8 });
		this.#hls = hls;
		hls.on(Hls.Events.ERROR, (/** @type {string} */ _, /** @type {any} */ data) => this.#trouble(Hls, data));
		hls.on(Hls.Events.MANIFEST_PARSED, () => this.#video.play().catch(() => this.#shown()));
		hls.loadSource(url);
		hls.attachMedia(this.#video);
	}

	/** Safari on a phone plays playlists by itself. @param {string} url */
	#native(url) {
		if (!this.#video.canPlayType('application/vnd.apple.mpegurl')) {
			return this.#say('alert', 'This browser cannot play live streams. The commands below can.');
		}
		this.#video.src = url;
		this.#video.play().catch(() => this.#shown());
	}

	/** @param {any} Hls @param {any} data */
	#trouble(Hls, data) {
		if (!data.fatal) return;
		if (/codec/i.test(data.details)) {
			this.#drop();
			return this.#say('alert', 'This browser has no decoder for this coding. ffplay and VLC have: see the commands below.');
		}
		if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#failed++ < tries) return this.#hls.recoverMediaError();
		this.#drop();
		if (this.#failed++ < tries) {
			this.#say('spinner', 'The preview broke off; tuning in again…');
			setTimeout(() => this.#url && !this.#hls && this.#begin(), 1000 * this.#failed);
			return;
		}
		const again = button('loop', 'Try again');
		again.addEventListener('click', () => {
			this.#failed = 0;
			this.#say('spinner', 'Tuning in…');
			this.#begin();
		});
		this.#say('alert', 'The preview cannot be played. The channel itself is not affected.', again);
	}

	/** Shows nothing but a word. @param {string} text @param {Element} [more] */
	stop(text, more) {
		this.#url = '';
		this.#failed = 0;
		this.#drop();
		if (text) this.#say('', text, more);
	}

	end() {
		this.#ended = true;
		clearInterval(this.#timer);
		this.stop('');
	}

	#drop() {
		this.#hls?.destroy();
		this.#hls = undefined;
		this.#video.removeAttribute('src');
		this.#video.load();
		this.element.classList.remove('playing', 'waiting');
	}

	/** @param {'' | 'spinner' | 'alert'} kind @param {string} text @param {Element} [more] */
	#say(kind, text, more) {
		this.element.classList.remove('playing');
		this.#note.replaceChildren(...[kind === 'spinner' && el('span', { class: 'spinner' }), kind === 'alert' && icon('alert'), el('p', {}, text), more].filter((n) => n instanceof Element));
	}

	#shown() {
		const on = !this.#video.paused;
		if (on || this.#video.readyState >= 2) {
			this.element.classList.add('playing');
			this.#note.replaceChildren();
		} else if (this.#url) {
			const b = button('play', 'Play', { class: 'primary' });
			b.addEventListener('click', () => this.#video.play());
			this.#note.replaceChildren(b);
		}
		this.#play.replaceChildren(icon(on ? 'pause' : 'play'));
		this.#play.setAttribute('aria-label', on ? 'Pause the preview' : 'Play the preview');
		this.element.classList.toggle('paused', !on);
	}

	#heard() {
		const off = this.#video.muted;
		this.#sound.replaceChildren(icon(off ? 'muted' : 'sound'), el('span', {}, off ? 'Unmute' : 'Mute'));
		this.#sound.setAttribute('aria-label', off ? 'Unmute the preview' : 'Mute the preview');
	}

	#tell() {
		const late = this.#hls?.latency;
		say(this.#behind, late > 0 && this.element.classList.contains('playing') ? `${late.toFixed(0)} s behind` : '');
	}

	toggle() {
		if (!this.#video.paused) return this.#video.pause();
		const edge = this.#hls?.liveSyncPosition;
		if (edge > this.#video.currentTime + 4) this.#video.currentTime = edge;
		this.#video.play().catch(() => {});
	}

	mute() {
		this.#video.muted = !this.#video.muted;
	}

	full() {
		if (document.fullscreenElement) document.exitFullscreen();
		else this.element.requestFullscreen?.().catch(() => {});
	}
}
