package report_test

import (
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What TestBrowser does with the pages.

func testKeys(b *tab) {
	b.selected("failing", 3) // the first that the finding is about
	b.press("j")
	b.selected("failing", 4)
	b.wait("document.activeElement.dataset.step === '4'")
	label := b.eval("document.activeElement.getAttribute('aria-label')")
	assert.Equal(b, "step 5 of 14, task task 1, unlock mu, updates_test.go:15", label)
	b.press(kb.ArrowDown)
	b.selected("failing", 5)
	b.shows("Switched to here although task 1 could go on")
	b.press(kb.ArrowUp)
	b.selected("failing", 4)
	b.press("n")
	b.press("n")
	b.selected("failing", 9)
	b.press("p")
	b.selected("failing", 5)
	b.press(kb.End)
	b.selected("failing", 13)
	b.press("j")
	b.selected("failing", 13)
	b.press(kb.Home)
	b.selected("failing", 2)
	b.press("s")
	b.wait("document.activeElement.closest('#passing') !== null")
	b.press("?")
	b.wait("document.getElementById('help').open")
	b.press(kb.Escape)
	b.wait("!document.getElementById('help').open")
	b.click("#open-help")
	b.click("#help button")
	b.wait("!document.getElementById('help').open")
}

func testClicks(b *tab) {
	b.click("#failing [data-step='9']")
	b.selected("failing", 9)
	b.shows("task 2: write balance = 10")
	b.shows("The finding is about this step")
	b.shows("examples/findings/updates_test.go:17")
	b.shows("balance.Store(old + 10)")
	assert.Equal(b, "balance.Store(old + 10)", b.eval("document.querySelector('.source .here bdi').textContent.trim()"))
	assert.Contains(b, b.eval("document.querySelector('.facts').innerText"), "Locks held\nmu")
	assert.Contains(b, b.eval("document.querySelector('.facts').innerText"), "task 2: ")
	state := b.eval("document.getElementById('state').innerText")
	assert.Contains(b, state, "lock mu", "what task 1 is about to do")
	assert.Contains(b, state, "balance\t10")
	b.click("[data-mode=passing]")
	b.wait("document.getElementById('failing').offsetWidth === 0 && document.getElementById('passing').offsetWidth > 0")
	b.click("[data-mode=both]")
	b.wait("document.getElementById('failing').offsetWidth > 0")
	tops := b.eval("new Set([...document.querySelectorAll('.band.part')].map((e) => e.getBoundingClientRect().top)).size")
	assert.EqualValues(b, 1, tops, "both part at the same height")
	b.click("#copy")
	b.wait("document.getElementById('copy').textContent === 'Copied'")
	b.fits()
}

func testArrows(b *tab) {
	b.wait("document.querySelectorAll('#failing path.conflict.strong').length > 0")
	assert.NotEmpty(b, b.eval("document.querySelector('#failing path.arrow').getAttribute('marker-end')"))
	b.click("[data-arrow=conflict]")
	b.wait("document.querySelectorAll('.view path.arrow.conflict').length === 0")
	assert.Equal(b, "false", b.eval("document.querySelector('[data-arrow=conflict]').getAttribute('aria-pressed')"))
	b.press("c")
	b.wait("document.querySelectorAll('#failing path.conflict.strong').length > 0")
	before := b.eval("document.querySelector('#detail h3').textContent")
	b.click("#detail .orders button")
	b.wait("document.querySelector('#detail .orders') !== null")
	assert.NotEqual(b, before, b.eval("document.querySelector('#detail h3').textContent"), "it leads to the other end")
}

func testGap(b *tab) {
	rows := b.eval("document.querySelectorAll('#failing [data-step]').length")
	b.click("#failing [data-gap='0']")
	b.wait("document.querySelector('#failing [data-fold=\"0\"]') !== null")
	assert.Greater(b, b.eval("document.querySelectorAll('#failing [data-step]').length"), rows)
	b.selected("failing", 0)
	b.wait("document.activeElement.dataset.step === '0'")
	assert.NotNil(b, b.eval("document.querySelector('#passing [data-fold=\"0\"]')"), "the other one is opened too")
	assert.Contains(b, b.eval("document.querySelector('#failing .heads').textContent"), "other tasks")
	b.click("#failing [data-fold='0']")
	b.wait("document.querySelector('#failing [data-gap=\"0\"]') !== null")
	assert.Equal(b, rows, b.eval("document.querySelectorAll('#failing [data-step]').length"))
}

func testPhone(b *tab) {
	b.fits()
	b.wait("document.getElementById('passing').offsetWidth === 0")
	b.click("#unfold")
	b.wait("document.getElementById('unfold').getAttribute('aria-expanded') === 'true'")
	b.shows("Vector clock")
	b.click("#unfold")
	b.wait("document.getElementById('unfold').getAttribute('aria-expanded') === 'false'")
	b.click("[data-mode=passing]")
	b.wait("document.getElementById('passing').offsetWidth > 0")
	for range 3 { // all gaps, so that there is a lane more
		if b.eval("document.querySelector('#passing [data-gap]') !== null") == true {
			b.eval("document.querySelector('#passing [data-gap]').click()")
		}
	}
	b.wait("document.getElementById('passing').classList.contains('railed')")
	b.fits()
}

func testDeadlock(b *tab) {
	b.wait("document.querySelectorAll('#failing path.arrow.waits').length === 2")
	assert.EqualValues(b, 2, b.eval("document.querySelectorAll('#failing .chip.wait').length"))
	assert.Contains(b, b.eval("document.querySelector('#failing .chip.wait').innerText"), "held by task 2")
	b.fits()
}

func testDark(b *tab) {
	const background = "getComputedStyle(document.body).backgroundColor"
	light := b.eval(background)
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	require.NoError(b, err)
	b.wait("matchMedia('(prefers-color-scheme: dark)').matches")
	assert.NotEqual(b, light, b.eval(background))
	b.eval("dispatchEvent(new Event('beforeprint'))")
	b.wait("document.querySelectorAll('details:not([open])').length === 0")
	b.eval("dispatchEvent(new Event('afterprint'))")
	b.wait("document.querySelectorAll('details[open]').length === 0")
}

func testHostile(b *tab) {
	assert.Equal(b, nasty, b.eval("document.querySelector('h1').textContent"))
	assert.Equal(b, nasty, b.eval("document.querySelector('[data-step=\"0\"] .what').textContent"))
	b.press("j")
	b.press("j")
	assert.EqualValues(b, 0, b.eval("document.querySelectorAll('img, a[href^=javascript]').length"))
	assert.EqualValues(b, 2, b.eval("document.scripts.length"))
	assert.Nil(b, b.eval("window.hurt ?? null"))
	b.fits()
}

func testLong(b *tab) {
	assert.Less(b, b.eval("document.querySelectorAll('[data-step]').length"), 1000.0, "most are left out")
	b.fits()
}

func testEmpty(b *tab) {
	assert.NotEmpty(b, b.eval("document.querySelector('h1').textContent"))
	b.press("j")
	b.press("n")
	b.fits()
}
