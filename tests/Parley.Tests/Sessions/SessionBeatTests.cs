using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Parley.Hub.Sessions;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Sessions;

public sealed class SessionBeatTests
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly CountingTransport _transport = new();
    private readonly List<string> _ended = [];
    private readonly SessionService _service;
    private readonly Session _session;

    public SessionBeatTests()
    {
        var directory = new SessionDirectory();
        var options = Options.Create(new SessionOptions { Heartbeat = _interval });
        _service = new SessionService(directory, new SessionEpochs(null!), options, _time, SeededRandom.Source(1), NullLogger<SessionService>.Instance);
        _session = new Session(
            TestSession.TicketOf(SessionRole.Caller), _transport, new FrameOutbox(_transport, CancellationToken.None), (_, goodbye) => _ended.Add(goodbye.Code), _time.GetUtcNow())
        {
            LastHeard = _time.GetTimestamp(),
        };
        directory.Attach(_session);
    }

    [Fact]
    public void A_link_that_answers_nothing_is_pinged_and_then_ended()
    {
        Pass(TimeSpan.FromSeconds(75));
        var (pings, endedBefore) = (_transport.Count, _ended.Count);

        Pass(TimeSpan.FromSeconds(5));

        Assert.Equal((11, 0), (pings, endedBefore));
        Assert.Equal(["link.timeout"], _ended);
    }

    [Fact]
    public void A_hub_that_stood_still_asks_before_it_ends_a_link()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        _service.Beat();
        var (pings, ended) = (_transport.Count, _ended.Count);

        _session.LastHeard = _time.GetTimestamp();
        Pass(TimeSpan.FromSeconds(75));

        Assert.Equal((1, 0), (pings, ended));
        Assert.Empty(_ended);
    }

    [Fact]
    public void One_that_does_not_answer_then_either_is_ended_after_the_whole_silence()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        _service.Beat();

        Pass(TimeSpan.FromSeconds(75));
        var endedBefore = _ended.Count;
        Pass(TimeSpan.FromSeconds(5));

        Assert.Equal(0, endedBefore);
        Assert.Equal(["link.timeout"], _ended);
    }

    /// <summary>Time that passes while the hub looks as often as it should.</summary>
    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += _interval / 6)
        {
            _time.Advance(_interval / 6);
            _service.Beat();
        }
    }

    private sealed class CountingTransport : ILinkTransport
    {
        public int Count { get; private set; }

        public string Name => "counting";

        public System.IO.Pipelines.PipeReader Input => throw new NotSupportedException();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
        {
            Count++;
            return ValueTask.CompletedTask;
        }

        public void Abort()
        {
        }
    }
}
