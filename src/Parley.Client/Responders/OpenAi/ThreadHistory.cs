namespace Parley.Client.Responders.OpenAi;

/// <summary>What was said in each thread, bounded in turns, size, threads and time. Thread-safe; nothing is written anywhere.</summary>
/// <param name="limits">The bounds.</param>
/// <param name="clock">For idle threads.</param>
internal sealed class ThreadHistory(HistoryLimits limits, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string From, string Thread), Conversation> _threads = [];

    /// <summary>Threads that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _threads.Count;
            }
        }
    }

    /// <summary>The turns of a thread, oldest first. A message without a thread has none.</summary>
    /// <param name="from">The other side: two senders with the same thread name do not share a conversation.</param>
    /// <param name="thread">The thread.</param>
    public IReadOnlyList<ResponderTurn> Of(string from, string thread)
    {
        lock (_lock)
        {
            Forget();
            return thread.Length > 0 && _threads.TryGetValue((from, thread), out var conversation) ? [.. conversation.Turns] : [];
        }
    }

    /// <summary>Remembers what was said next.</summary>
    /// <param name="from">The other side.</param>
    /// <param name="thread">The thread; nothing is remembered without one.</param>
    /// <param name="turns">In order.</param>
    /// <param name="isWhole">True: that is all there is of the conversation.</param>
    public void Add(string from, string thread, IEnumerable<ResponderTurn> turns, bool isWhole = false)
    {
        if (thread.Length == 0)
        {
            return;
        }

        lock (_lock)
        {
            Forget();
            if (isWhole)
            {
                _threads.Remove((from, thread));
            }

            if (!_threads.TryGetValue((from, thread), out var conversation))
            {
                MakeRoom();
                _threads[(from, thread)] = conversation = new Conversation();
            }

            conversation.LastUsed = clock.GetTimestamp();
            foreach (var turn in turns)
            {
                conversation.Turns.AddLast(turn);
                conversation.Size += SizeOf(turn);
            }

            Trim(conversation);
        }
    }

    private static long SizeOf(ResponderTurn turn) => turn.Text.Length + turn.ToolCalls.Sum(call => (long)call.Id.Length + call.Name.Length + call.Arguments.Length);

    // What is left begins with the other side: an answer without its question, or a result without its call, is nothing that a model's server takes.
    private void Trim(Conversation conversation)
    {
        var isTooLarge = conversation.Turns.Count > limits.MaxTurns || conversation.Size > limits.MaxBytes;
        while (conversation.Turns.First is { Value: var first } && isTooLarge)
        {
            conversation.Turns.RemoveFirst();
            conversation.Size -= SizeOf(first);
            isTooLarge = conversation.Turns.Count > limits.MaxTurns || conversation.Size > limits.MaxBytes || conversation.Turns.First?.Value.Role is TurnRole.Agent or TurnRole.Tool;
        }
    }

    private void Forget()
    {
        foreach (var (key, conversation) in _threads)
        {
            if (clock.GetElapsedTime(conversation.LastUsed) > limits.Idle)
            {
                _threads.Remove(key);
            }
        }
    }

    private void MakeRoom()
    {
        if (_threads.Count >= limits.MaxThreads)
        {
            _threads.Remove(_threads.MinBy(thread => thread.Value.LastUsed).Key);
        }
    }

    private sealed class Conversation
    {
        public LinkedList<ResponderTurn> Turns { get; } = new();

        public long Size { get; set; }

        public long LastUsed { get; set; }
    }
}
