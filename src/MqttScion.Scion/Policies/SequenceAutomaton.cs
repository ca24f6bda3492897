namespace MqttScion.Scion;

/// <summary>
/// Matches a list of hops in one pass that keeps the set of all states reached, so that the work is at most the number
/// of hops times the number of states, whatever the sequence.
/// </summary>
/// <param name="states">The states, in any order.</param>
/// <param name="start">The index of the first state.</param>
/// <param name="end">The index of the state that completes the sequence.</param>
internal sealed class SequenceAutomaton(SequenceState[] states, int start, int end)
{
    /// <summary>True when all hops fit and complete the sequence.</summary>
    public bool Matches(IReadOnlyList<PathHop> hops) =>
        Run(hops, out var reached) == hops.Count && reached.Contains(end);

    /// <summary>Tells how many hops fit and what may follow them.</summary>
    public SequenceProgress Follow(IReadOnlyList<PathHop> hops)
    {
        var matchedHops = Run(hops, out var reached);
        HopPattern[] expected = [.. reached.Order().Select(i => states[i].Pattern).OfType<HopPattern>().Distinct()];
        return new SequenceProgress(matchedHops, reached.Contains(end), expected);
    }

    /// <summary>Takes hops as long as they fit.</summary>
    /// <param name="hops">The hops.</param>
    /// <param name="reached">The states in which the sequence may be after the last hop that fits.</param>
    /// <returns>How many hops fit.</returns>
    private int Run(IReadOnlyList<PathHop> hops, out List<int> reached)
    {
        // The round (from 1) in which a state was last reached.
        var rounds = new int[states.Length];
        reached = [];
        Reach(start, reached, rounds, round: 1);
        for (var i = 0; i < hops.Count; i++)
        {
            var next = new List<int>();
            foreach (var state in reached)
            {
                if (states[state].Pattern is { } pattern && pattern.Matches(hops[i]))
                {
                    Reach(states[state].Next, next, rounds, round: i + 2);
                }
            }
            if (next.Count == 0)
            {
                return i;
            }
            reached = next;
        }
        return hops.Count;
    }

    /// <summary>Adds a state and all that follow it without a hop.</summary>
    private void Reach(int first, List<int> reached, int[] rounds, int round)
    {
        var done = reached.Count;
        Add(first);
        for (; done < reached.Count; done++)
        {
            var state = states[reached[done]];
            if (state.Pattern is null)
            {
                Add(state.Next);
                Add(state.Other);
            }
        }

        void Add(int state)
        {
            if (state >= 0 && rounds[state] != round)
            {
                rounds[state] = round;
                reached.Add(state);
            }
        }
    }
}
