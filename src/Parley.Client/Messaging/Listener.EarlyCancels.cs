using Parley.Client.Journal;

namespace Parley.Client.Messaging;

public sealed partial class Listener
{
    /// <summary>Cancels that came before their requests were ready to be stopped; the oldest are forgotten, since most name what has ended.</summary>
    private sealed class EarlyCancels
    {
        private const int MaxCount = 256;

        private readonly HashSet<JournalKey> _keys = [];
        private readonly Queue<JournalKey> _order = new();

        /// <summary>Notes a cancel of a message that does not run.</summary>
        public void Add(JournalKey key)
        {
            lock (_keys)
            {
                if (!_keys.Add(key))
                {
                    return;
                }

                _order.Enqueue(key);
                if (_order.Count > MaxCount)
                {
                    _keys.Remove(_order.Dequeue());
                }
            }
        }

        /// <summary>Whether a message was cancelled before it ran.</summary>
        public bool Take(JournalKey key)
        {
            // Hardly ever is there one: whoever adds one looks for the message again afterwards.
            if (_keys.Count == 0)
            {
                return false;
            }

            lock (_keys)
            {
                return _keys.Remove(key);
            }
        }
    }
}
