using Parley.Hub.Identity.Keys;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class AdminKeyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void The_first_start_makes_a_key_that_later_starts_read()
    {
        AdminKey.Open(_folder.FullPath, SeededRandom.Source(1));
        var secret = File.ReadAllText(_folder.PathOf("admin.key")).Trim();

        var key = AdminKey.Open(_folder.FullPath, SeededRandom.Source(2));

        Assert.StartsWith("ak_", secret, StringComparison.Ordinal);
        Assert.True(key.Matches(secret));
        Assert.False(key.Matches(secret + "x"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.PathOf("admin.key")));
    }

    [Fact]
    public void A_key_file_that_others_may_read_is_refused()
    {
        AdminKey.Open(_folder.FullPath, SeededRandom.Source(1));
        File.SetUnixFileMode(_folder.PathOf("admin.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var refusal = Assert.Throws<ParleyException>(() => AdminKey.Open(_folder.FullPath, SeededRandom.Source(2)));

        Assert.Equal(ErrorCode.FilePermissions, refusal.Code);
    }

    public void Dispose() => _folder.Dispose();
}
