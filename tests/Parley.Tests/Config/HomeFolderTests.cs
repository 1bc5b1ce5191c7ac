using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Config;

public sealed class HomeFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_option_wins_over_the_variable_and_the_variable_over_the_default()
    {
        Func<string, string?> both = name => name == "HOME" ? _temp.FullPath : name == "PARLEY_HOME" ? _temp.PathOf("variable") : null;
        Func<string, string?> userOnly = name => name == "HOME" ? _temp.FullPath : null;

        var paths = new[] { HomeFolder.Open(_temp.PathOf("option"), both), HomeFolder.Open(null, both), HomeFolder.Open(null, userOnly) };

        Assert.Equal(
            [_temp.PathOf("option"), _temp.PathOf("variable"), _temp.PathOf(".parley")],
            paths.Select(home => home.FullPath));
    }

    [Fact]
    public void A_home_that_nothing_names_is_refused()
    {
        var refusal = Assert.Throws<ParleyException>(() => HomeFolder.Open(null, _ => null));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void A_new_home_is_for_its_owner_only()
    {
        var home = HomeFolder.Open(_temp.PathOf("home"), _ => null);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(home.FullPath));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_home_that_others_may_enter_is_refused_with_the_command_that_repairs_it(UnixFileMode extra)
    {
        var path = _temp.PathOf("wide");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute | extra);

        var refusal = Assert.Throws<ParleyException>(() => HomeFolder.Open(path, _ => null));

        Assert.Equal(ErrorCode.FilePermissions, refusal.Code);
        Assert.EndsWith($"Run: chmod 700 {path}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_a_shell_would_split_is_quoted_in_the_command()
    {
        var path = _temp.PathOf("it's mine");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherRead);

        var refusal = Assert.Throws<ParleyException>(() => HomeFolder.Open(path, _ => null));

        Assert.EndsWith($"chmod 700 '{_temp.FullPath}/it'\\''s mine'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_place_of_the_home_is_refused()
    {
        File.WriteAllText(_temp.PathOf("file"), "x");

        var refusal = Assert.Throws<ParleyException>(() => HomeFolder.Open(_temp.PathOf("file"), _ => null));

        Assert.Equal(ErrorCode.FilePermissions, refusal.Code);
    }

    [Fact]
    public void A_secret_is_read_back_and_is_for_its_owner_only()
    {
        var home = Home();

        home.WriteSecret("a.key", "first"u8);
        home.WriteSecret("a.key", "second"u8);

        Assert.Equal("second"u8.ToArray(), home.ReadSecret("a.key"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(home.PathOf("a.key")));
        Assert.Equal([home.PathOf("a.key")], Directory.GetFiles(home.FullPath));
    }

    [Fact]
    public void A_secret_that_others_may_read_is_refused_with_the_command_that_repairs_it()
    {
        var home = Home();
        home.WriteSecret("a.key", "secret"u8);
        File.SetUnixFileMode(home.PathOf("a.key"), OwnerOnly | UnixFileMode.GroupRead);

        var refusal = Assert.Throws<ParleyException>(() => home.ReadSecret("a.key"));

        Assert.Equal(ErrorCode.FilePermissions, refusal.Code);
        Assert.EndsWith($"Run: chmod 600 {home.PathOf("a.key")}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_is_not_there_is_null()
    {
        Assert.Null(Home().ReadSecret("a.key"));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    public void A_name_cannot_leave_the_home(string name)
    {
        var home = Home();

        Assert.Throws<ArgumentException>(() => home.PathOf(name));
    }

    [Fact]
    public void A_lock_has_one_holder_at_a_time()
    {
        var home = Home();

        var first = home.TryLock("work");
        var second = home.TryLock("work");
        first!.Dispose();
        using var third = home.TryLock("work");

        Assert.Null(second);
        Assert.NotNull(third);
    }

    private HomeFolder Home() => HomeFolder.Open(_temp.PathOf("home"), _ => null);
}
