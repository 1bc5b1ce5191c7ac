using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Identity;
using Parley.Sqlite;
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

    [Fact]
    public async Task What_was_done_is_answered_also_when_the_audit_cannot_be_written_and_the_log_says_so()
    {
        using var log = new LogSink();
        log.Allow("An act is missing in the audit");
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, [], NullLogger.Instance, TimeProvider.System);
        var operations = new Operations([new OneAct()], new DoneActs(new Audit(store, _kit.Time), log.Factory.CreateLogger<DoneActs>()));

        var result = await operations.InvokeAsync(Principal.Admin, "keys.create", default, "test", TestContext.Current.CancellationToken);

        Assert.Equal("the only copy", Encoding.UTF8.GetString(result));
        Assert.Contains(log.Lines, line => line.Text.Contains("keys.create", StringComparison.Ordinal));
    }

    private sealed class OneAct : IOperationModule
    {
        public IEnumerable<Operation> Operations { get; } =
        [
            new Operation("keys.create", Role.Admin, ApiScopes.Admin, (call, _, _) =>
            {
                call.Remember("k1");
                return Task.FromResult("the only copy"u8.ToArray());
            })
            {
                Arguments = null!,
                Result = null!,
            },
        ];
    }
}
