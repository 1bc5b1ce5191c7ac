using Parley.Hub.Sessions;
using Parley.Protocol.Wire;

namespace Parley.Tests.Sessions;

public sealed class SessionDirectoryTests
{
    private static readonly byte[] _one = [1];
    private static readonly byte[] _two = [2];

    [Theory]
    [InlineData(SessionRole.Listen, SessionRole.Listen, false, false, true)]
    [InlineData(SessionRole.Listen, SessionRole.Listen, true, true, false)]
    [InlineData(SessionRole.Listen, SessionRole.Listen, true, false, true)]
    [InlineData(SessionRole.Listen, SessionRole.Listen, false, true, true)]
    [InlineData(SessionRole.Caller, SessionRole.Caller, false, false, false)]
    [InlineData(SessionRole.Caller, SessionRole.Listen, false, false, false)]
    [InlineData(SessionRole.Recv, SessionRole.Recv, false, false, true)]
    public void Only_a_listening_role_replaces_and_only_unless_both_share(SessionRole newer, SessionRole older, bool newShares, bool oldShares, bool replaces)
    {
        var result = SessionDirectory.Replaces(TestSession.TicketOf(newer, 2, newShares, _one), TestSession.TicketOf(older, 1, oldShares, _two));

        Assert.Equal(replaces, result);
    }

    [Fact]
    public void A_process_that_comes_back_replaces_itself_in_any_role()
    {
        Assert.True(SessionDirectory.Replaces(TestSession.TicketOf(SessionRole.Caller, 0, false, _one), TestSession.TicketOf(SessionRole.Caller, 0, false, _one)));
    }

    [Fact]
    public void Attaching_names_those_it_replaces()
    {
        var directory = new SessionDirectory();
        var older = TestSession.Make(SessionRole.Listen, 1, home: _one);
        var caller = TestSession.Make(SessionRole.Caller, 0, home: _two);
        directory.Attach(older);
        directory.Attach(caller);

        var replaced = directory.Attach(TestSession.Make(SessionRole.Listen, 2, home: _two));

        Assert.Equal([older], replaced);
        Assert.Equal(3, directory.Count);
    }

    [Fact]
    public void A_detached_session_is_gone_and_detaching_it_again_does_nothing()
    {
        var directory = new SessionDirectory();
        var session = TestSession.Make(SessionRole.Listen);
        directory.Attach(session);

        directory.Detach(session);
        directory.Detach(session);

        Assert.Equal(0, directory.Count);
        Assert.False(directory.IsListening(session.Agent));
    }
}
