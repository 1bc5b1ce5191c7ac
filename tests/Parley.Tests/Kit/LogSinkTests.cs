using Microsoft.Extensions.Logging;
using Parley.Testing;

namespace Parley.Tests.Kit;

public sealed class LogSinkTests
{
    [Fact]
    public void An_unannounced_warning_fails_the_test()
    {
        var sink = new LogSink();
        sink.Factory.CreateLogger("test").LogWarning("the disk is full");

        var failure = Assert.Throws<InvalidOperationException>(sink.Dispose);

        Assert.Contains("the disk is full", failure.Message);
    }

    [Fact]
    public void An_announced_warning_does_not()
    {
        using var sink = new LogSink();
        sink.Allow("disk is full");

        sink.Factory.CreateLogger("test").LogWarning("the disk is full");

        Assert.Single(sink.Lines);
    }
}
