using System.IO.Pipelines;
using Parley.Hub.Sessions;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Tests.Sessions;

/// <summary>Sessions without a network.</summary>
internal static class TestSession
{
    /// <summary>An open session.</summary>
    public static Session Make(SessionRole role, ulong epoch = 1, bool isShared = false, byte[]? home = null)
    {
        var transport = new NoTransport();
        var ticket = TicketOf(role, epoch, isShared, home);
        return Opened(new Session(ticket, transport, new FrameOutbox(transport, CancellationToken.None), (_, _) => { }, DateTimeOffset.UnixEpoch));
    }

    /// <summary>An open session whose link takes nothing.</summary>
    public static Session MakeSlow(SessionRole role)
    {
        var transport = new NoTransport { TakesNothing = true };
        return Opened(new Session(TicketOf(role), transport, new FrameOutbox(transport, CancellationToken.None), (_, _) => { }, DateTimeOffset.UnixEpoch));
    }

    /// <summary>A ticket.</summary>
    public static SessionTicket TicketOf(SessionRole role, ulong epoch = 1, bool isShared = false, byte[]? home = null) =>
        new("s", AgentAddress.Parse("acme.bob"), role, epoch, isShared, home, "test");

    private static Session Opened(Session session)
    {
        session.Open();
        return session;
    }

    private sealed class NoTransport : ILinkTransport
    {
        private readonly TaskCompletionSource _never = new();

        public bool TakesNothing { get; init; }

        public string Name => "none";

        public PipeReader Input => throw new NotSupportedException();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => TakesNothing ? new ValueTask(_never.Task) : ValueTask.CompletedTask;

        public void Abort()
        {
        }
    }
}
