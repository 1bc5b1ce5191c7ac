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

    /// <summary>Remembers a question and its answer.</summary>
    public void Add(string from, string thread, string question, string answer)
    {
        if (thread.Length == 0)
        {
            return;
        }

        lock (_lock)
        {
            Forget();
            if (!_threads.TryGetValue((from, thread), out var conversation))
            {
                MakeRoom();
                _threads[(from, thread)] = conversation = new Conversation();
            }

            conversation.LastUsed = clock.GetTimestamp();
            conversation.Turns.AddLast(new ResponderTurn(TurnRole.User, question));
            conversation.Turns.AddLast(new ResponderTurn(TurnRole.Agent, answer));
            conversation.Size += question.Length + answer.Length;
            Trim(conversation);
        }
    }

    // Always in pairs, so that the conversation begins with a question.
    private void Trim(Conversation conversation)
    {
        while (conversation.Turns.Count > 0 && (conversation.Turns.Count > limits.MaxTurns || conversation.Size > limits.MaxBytes))
        {
            for (var turn = 0; turn < 2; turn++)
            {
                conversation.Size -= conversation.Turns.First!.Value.Text.Length;
                conversation.Turns.RemoveFirst();
            }
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
