using System.Runtime.Versioning;
using Parley.Client.Config;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.RoomClient;

[UnsupportedOSPlatform("windows")]
public sealed class SavedSessionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Folder_and_files_are_for_their_owner_alone_and_the_token_is_not_in_the_facts()
    {
        var session = SavedSession.Create(_folder.PathOf("s"), new SessionFacts { Hub = "http://h:1" }, _time);
        session.WriteToken("tok_secret");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(session.Folder));
        Assert.All(Directory.GetFiles(session.Folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.DoesNotContain("tok_secret", File.ReadAllText(session.FactsFile));
        Assert.Equal("tok_secret", SavedSession.TryOpen(session.Folder, _time)!.ReadToken());
    }

    [Fact]
    public void A_token_that_others_may_read_is_refused()
    {
        var session = SavedSession.Create(_folder.PathOf("s"), new SessionFacts(), _time);
        session.WriteToken("tok_secret");
        File.SetUnixFileMode(session.PathOf("token"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Assert.Equal(ErrorCode.FilePermissions, Assert.Throws<ParleyException>(session.ReadToken).Code);
    }

    [Fact]
    public void Damaged_facts_are_told_as_such()
    {
        var session = SavedSession.Create(_folder.PathOf("s"), new SessionFacts(), _time);
        File.WriteAllText(session.FactsFile, "{");

        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => SavedSession.TryOpen(session.Folder, _time)).Code);
    }

    [Fact]
    public void The_only_session_needs_no_name_and_of_several_one_is_asked_for()
    {
        var store = new SessionStore(HomeFolder.Open(_folder.PathOf("home"), _ => null), _time);
        Assert.Equal(ErrorCode.NotFound, Assert.Throws<ParleyException>(() => store.Find(null)).Code);
        store.Create("a", new SessionFacts());
        Assert.Equal("a", store.Find(null).Name);
        store.Create("b", new SessionFacts());

        var refusal = Assert.Throws<ParleyException>(() => store.Find(null));

        Assert.Equal((ErrorCode.InvalidArgument, true), (refusal.Code, refusal.Message.Contains("a or b", StringComparison.Ordinal)));
        Assert.Equal("b", store.Find("b").Name);
        Assert.Equal("b", store.Find(store.Find("b").Folder).Name);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("A")]
    [InlineData("")]
    public void A_name_that_is_none_is_refused(string name) =>
        Assert.Equal(ErrorCode.NameInvalid, Assert.Throws<ParleyException>(() => new SessionStore(HomeFolder.Open(_folder.PathOf("home"), _ => null), _time).TryOpen(name)).Code);

    public void Dispose() => _folder.Dispose();
}
