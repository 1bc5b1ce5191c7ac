using System.IO.Pipelines;

namespace Parley.Testing;

/// <summary>Two streams joined crosswise in memory, in place of a connection.</summary>
public sealed class DuplexPair : IDisposable
{
    private readonly Pipe _forward = new();
    private readonly Pipe _backward = new();

    /// <summary>Makes the pair.</summary>
    public DuplexPair()
    {
        Left = new DuplexStream(_backward.Reader, _forward.Writer);
        Right = new DuplexStream(_forward.Reader, _backward.Writer);
    }

    /// <summary>One end.</summary>
    public Stream Left { get; }

    /// <summary>The other end.</summary>
    public Stream Right { get; }

    /// <summary>Breaks the connection: both ends fail with an <see cref="IOException"/> once what is under way was read.</summary>
    public void Cut()
    {
        var broken = new IOException("The connection was cut.");
        _forward.Writer.Complete(broken);
        _backward.Writer.Complete(broken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
