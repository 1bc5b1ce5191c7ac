using Parley.Testing;

namespace Parley.Tests.Hub;

public sealed class AuditTests : IAsyncDisposable
{
    private readonly IdentityKit _kit = new();

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task Trimming_keeps_the_newest_acts()
    {
        for (var number = 1; number <= 25; number++)
        {
            await _kit.Audit.WriteAsync("alice", "tokens.create", $"t{number}", string.Empty, "link");
        }

        await _kit.Audit.TrimAsync(10);
        await _kit.Audit.TrimAsync(10);

        var (rows, total) = await _kit.Audit.ListAsync(100, 0);
        Assert.Equal(10, total);
        Assert.Equal(("t25", "t16"), (rows[0].Target, rows[^1].Target));
    }
}
