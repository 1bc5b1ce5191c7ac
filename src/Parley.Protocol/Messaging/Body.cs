using System.Diagnostics;

namespace Parley.Protocol.Messaging;

/// <summary>Content on its way. Its text form tells the size alone, so that no log line, exception or debugger window shows what is inside.</summary>
/// <param name="Bytes">The content.</param>
[DebuggerDisplay("{ToString(),nq}")]
public readonly record struct Body(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Size in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>The size, never the content: <c>Body(42 B)</c>.</summary>
    public override string ToString() => $"Body({Length} B)";
}
