using System.Collections.Concurrent;
using System.Threading.Channels;
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
    private readonly Func<int, (Stream, Stream)> _connect;
    private readonly PeerSessionPair _pair;
    private readonly ChatOptions _options;

    /// <summary>Path number n breaks after that many bytes.</summary>
    public ChatStage(Func<int, long>? cut = null, ChatOptions? options = null, TimeProvider? time = null)
    {
        _connect = number =>
        {
            var (left, right) = CuttableStream.Pair(cut?.Invoke(number) ?? long.MaxValue);
            lock (_paths)
            {
                _paths.Add(left);
            }

            return (left, right);
        };
        _pair = new PeerSessionPair(_connect);
        _options = options ?? new ChatOptions();
        (Alice, Bob) = (new End(_pair.Opener, _options, 1, time), new End(_pair.Acceptor, _options, 2, time));
    }

    public End Alice { get; private set; }

    public End Bob { get; }

    public int Paths => _pair.Paths;

    public CancellationToken Stop => _stop.Token;

    public void Start()
    {
        Alice.Start(Stop);
        Bob.Start(Stop);
    }

    /// <summary>Alice's program dies and is started anew; both ends meet again.</summary>
    public async Task RestartAliceAsync()
    {
        await Alice.StopAsync();
        Alice.Dispose();
        var pair = new PeerSessionPair(_connect);
        Alice = new End(pair.Opener, _options, 3, time: null);
        Alice.Start(Stop);
        Bob.Meet(pair.Acceptor);
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
        Alice.Dispose();
        Bob.Dispose();
        _stop.Dispose();
    }

    /// <summary>One end, which remembers what it was shown.</summary>
    internal sealed class End : IChatEvents, IPeerMeeting, IDisposable
    {
        private readonly Channel<IPeerSession> _sessions = Channel.CreateUnbounded<IPeerSession>();
        private readonly CancellationTokenSource _death = new();

        public End(IPeerSession session, ChatOptions options, int seed, TimeProvider? time)
        {
            Meet(session);
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

        public int Restarts { get; private set; }

        public IEnumerable<string> Texts => Items.Select(static item => item.Text);

        /// <summary>The next session; without one they do not find each other again.</summary>
        public void Meet(IPeerSession session) => _sessions.Writer.TryWrite(session);

        public async Task StopAsync()
        {
            await _death.CancelAsync();
            await Running.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        public void Dispose() => _death.Dispose();

        public void Start(CancellationToken stop) => Running = Talk.RunAsync(CancellationTokenSource.CreateLinkedTokenSource(stop, _death.Token).Token);

        public async Task<IPeerSession> MeetAsync(CancellationToken cancellationToken) => await _sessions.Reader.ReadAsync(cancellationToken);

        public Task WaitReplacedAsync(IPeerSession session, Func<bool> hasHeard, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public void OnSession(IPeerSession session)
        {
        }

        public void OnStartedAnew() => Restarts++;

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
