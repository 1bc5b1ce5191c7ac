namespace Parley.Benchmarks.Transfers;

/// <summary>What a transfer scenario sends.</summary>
internal enum TransferKind
{
    /// <summary>One file of many megabytes.</summary>
    LargeFile,

    /// <summary>A folder of many small files.</summary>
    SmallFiles,

    /// <summary>One byte.</summary>
    FirstByte,
}
