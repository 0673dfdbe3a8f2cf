package sched

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A task's path says how it was started, in a way that holds in every
// schedule: "main" is the first task, "main.2" the third one that it started,
// "/fetch[7]" the one that was renewed under that name and index, and
// "/fetch[7]#1" the second of these. A task's key is a hash of its path.

// noTask stands for the task before any operation.
const noTask = "start"

// path returns the path of a task.
func (s *Sim) path(id int) string {
	info := s.tasks[id]
	if id == 0 {
		return "main"
	}
	if info.Parent >= 0 {
		return s.path(info.Parent) + "." + itoa(info.Nth)
	}
	return renewedPath(info.Name, info.Index, info.Nth)
}

// renewedPath returns /name, /name[index] or /name[index]#nth.
func renewedPath(name string, index, nth int) string {
	p := "/" + escapeName(name)
	if index >= 0 {
		p += "[" + itoa(index) + "]"
	}
	if nth > 0 {
		p += "#" + itoa(nth)
	}
	return p
}

func childKey(parent uint64, nth int) uint64 { return mix(parent, uint64(nth)) }

// renewedKey is the key of the tasks renewed under a name and index, but for
// their number.
func renewedKey(name string, index int) uint64 { return mix(hashString(name), uint64(index)) }

// PathKey returns the [Task.Key] of the task with the given path. The path
// "start", before any operation, has key 0.
func PathKey(path string) (uint64, error) {
	if path == noTask {
		return 0, nil
	}
	parts := strings.Split(path, ".")
	key := hashString("main")
	if strings.HasPrefix(path, "/") {
		name, index, nth := splitRenewed(parts[0][1:])
		if renewedPath(name, index, nth) != parts[0] {
			return 0, fmt.Errorf("sched: task path %q: %q is not a name, name[index] or name[index]#number",
				clip(path, maxValue), clip(parts[0][1:], maxValue))
		}
		key = mix(renewedKey(name, index), uint64(nth))
	} else if parts[0] != "main" {
		return 0, fmt.Errorf("sched: task path %q begins with neither main nor /", clip(path, maxValue))
	}
	for _, kid := range parts[1:] {
		if !isNumber(kid) {
			return 0, fmt.Errorf("sched: task path %q: %q is not the number of a child", clip(path, maxValue), clip(kid, maxValue))
		}
		n, _ := strconv.Atoi(kid)
		key = childKey(key, n)
	}
	return key, nil
}

// splitRenewed undoes renewedPath, if the path is well formed.
func splitRenewed(name string) (raw string, index, nth int) {
	index = -1
	if head, n, ok := strings.Cut(name, "#"); ok && isNumber(n) {
		name = head
		nth, _ = strconv.Atoi(n)
	}
	if head, n, ok := strings.Cut(strings.TrimSuffix(name, "]"), "["); ok && isNumber(n) {
		name = head
		index, _ = strconv.Atoi(n)
	}
	raw, _ = url.PathUnescape(name)
	return raw, index, nth
}

// escapeName makes a name one word without the characters of a path.
func escapeName(name string) string {
	name = strings.ReplaceAll(url.PathEscape(name), ".", "%2E")
	return escaper.Replace(name)
}

func isNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && itoa(n) == s
}

var escaper = strings.NewReplacer("[", "%5B", "]", "%5D", "#", "%23")
