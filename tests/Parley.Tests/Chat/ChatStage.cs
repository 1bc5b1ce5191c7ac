using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Chat;

/// <summary>Two ends of a chat in this process, on paths that break where a test says.</summary>
internal sealed class ChatStage : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new(Deadline.Shared);
    private readonly List<CuttableStream> _paths = [];
    private readonly PeerSessionPair _pair;

    /// <summary>Path number n breaks after that many bytes.</summary>
    public ChatStage(Func<int, long>? cut = null, ChatOptions? options = null, TimeProvider? time = null)
    {
        _pair = new PeerSessionPair(number =>
        {
            var (left, right) = CuttableStream.Pair(cut?.Invoke(number) ?? long.MaxValue);
            lock (_paths)
            {
                _paths.Add(left);
            }

            return (left, right);
        });
        (Alice, Bob) = (new End(_pair.Opener, options ?? new ChatOptions(), 1, time), new End(_pair.Acceptor, options ?? new ChatOptions(), 2, time));
    }

    public End Alice { get; }

    public End Bob { get; }

    public int Paths => _pair.Paths;

    public CancellationToken Stop => _stop.Token;

    public void Start()
    {
        Alice.Running = Alice.Talk.RunAsync(Stop);
        Bob.Running = Bob.Talk.RunAsync(Stop);
    }

    /// <summary>Breaks the path that there is.</summary>
    public void Break()
    {
        lock (_paths)
        {
            _paths[^1].Break();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(Alice.Running, Bob.Running).ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    /// <summary>One end, which remembers what it was shown.</summary>
    internal sealed class End : IChatEvents, IPeerMeeting
    {
        private readonly IPeerSession _session;
        private bool _hasMet;

        public End(IPeerSession session, ChatOptions options, int seed, TimeProvider? time)
        {
            _session = session;
            var random = new Random(seed);
            Talk = new ChatTalk(this, this, options, time ?? TimeProvider.System, random.NextBytes, NullLogger.Instance);
        }

        public ChatTalk Talk { get; }

        public Task Running { get; set; } = Task.CompletedTask;

        public ConcurrentQueue<ChatItem> Items { get; } = new();

        public ConcurrentQueue<bool> Typings { get; } = new();

        public Action<ChatItem> OnShown { get; set; } = static _ => { };

        public Action OnLost { get; set; } = static () => { };

        public int Losses { get; private set; }

        public IEnumerable<string> Texts => Items.Select(static item => item.Text);

        public async Task<IPeerSession> MeetAsync(CancellationToken cancellationToken)
        {
            if (_hasMet)
            {
                // They do not find each other again.
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            _hasMet = true;
            return _session;
        }

        public Task WaitReplacedAsync(IPeerSession session, Func<bool> hasHeard, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public void OnSession(IPeerSession session)
        {
        }

        public void OnPath(PeerPath path)
        {
        }

        void IChatEvents.OnLost(ParleyException? refusal)
        {
            Losses++;
            OnLost();
        }

        public void OnItem(ChatItem item)
        {
            Items.Enqueue(item);
            OnShown(item);
        }

        public void OnReceived(long number)
        {
        }

        public void OnTyping(bool isTyping) => Typings.Enqueue(isTyping);
    }
}
